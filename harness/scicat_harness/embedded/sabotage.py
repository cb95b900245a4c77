"""The sabotage catalogue: all defects that can be switched on in the embedded backend.

Ids are permanent. A test compares the catalogue with the ids that the code asks for, and another
demands that each defect changes what clients see (``tests/embedded/test_sabotage.py``).
"""

from collections.abc import Iterator

from scicat_harness.embedded.beside.catalogue import BESIDE
from scicat_harness.embedded.defects import Defect
from scicat_harness.embedded.sabotage_effects import EFFECTS

__all__ = ["CATALOGUE"]

# A family in brackets, then one defect per line: its id and the behaviour of the defective backend.
# Sentences are shown by --list-defects and scicat-harness sabotage.
_TEXT = """
[create-auth]
create.auth.all.refuses-anonymous An anonymous create of an #all type is denied.
create.auth.all.refuses-plain A plain user's create of an #all type is denied.
create.auth.dataset-public.refuses-anonymous An anonymous create of a #datasetPublic type is denied.
create.auth.dataset-public.refuses-plain A plain user's create of a #datasetPublic type is denied.
create.auth.dataset-public.accepts-unpublished #datasetPublic accepts unpublished datasets.
create.auth.authenticated.admits-anonymous #authenticated admits anonymous callers.
create.auth.authenticated.refuses-plain #authenticated refuses plain users.
create.auth.dataset-access.admits-anonymous #datasetAccess admits anonymous callers to public data.
create.auth.dataset-access.refuses-plain #datasetAccess refuses plain users who have access.
create.auth.dataset-access.accepts-stranger #datasetAccess accepts inaccessible datasets.
create.auth.dataset-owner.refuses-plain #datasetOwner refuses plain users who own the datasets.
create.auth.dataset-owner.accepts-access-group #datasetOwner accepts datasets of an access group.
create.auth.dataset-owner.accepts-published #datasetOwner accepts published datasets.
create.auth.dataset-owner.accepts-stranger #datasetOwner accepts datasets of other owners.
create.auth.job-admin.admits-plain #jobAdmin admits plain users.
create.auth.job-admin.refuses-admin #jobAdmin refuses administrators.
create.auth.job-admin.refuses-create-privileged #jobAdmin refuses create-privileged users.
create.auth.group.admits-stranger @GROUP admits users who are not in the group.
create.auth.group.refuses-member @GROUP refuses members of the group.
create.auth.user.admits-stranger USER admits other users.
create.auth.user.refuses-user USER refuses the named user.
create.auth.user.matches-group USER also admits members of a group of that name.
create.auth.missing.admits-plain A type without authorization admits plain users.
create.auth.missing.refuses-admin A type without authorization refuses administrators.
create.auth.missing.refuses-create-privileged A missing auth value refuses create-privileged users.
create.auth.unknown.admits-plain An unknown #value as create authorization admits plain users.
create.auth.unknown.refuses-create-privileged An unknown value refuses create-privileged users.

[update-auth]
update.auth.all.refuses-plain A plain user's update of an #all type is denied.
update.auth.all.refuses-anonymous An anonymous update of an #all type is denied.
update.auth.all.admits-anonymous-to-owned-jobs Anonymous callers may update owned #all jobs.
update.auth.job-owner-user.admits-stranger #jobOwnerUser admits users who do not own the job.
update.auth.job-owner-user.refuses-owner #jobOwnerUser refuses the owner.
update.auth.job-owner-user.means-creator #jobOwnerUser admits the creator instead of the owner.
update.auth.job-owner-group.admits-stranger #jobOwnerGroup admits users outside the owner group.
update.auth.job-owner-group.refuses-member #jobOwnerGroup refuses members of the owner group.
update.auth.group.admits-stranger @GROUP admits updates by users who are not in the group.
update.auth.group.refuses-member @GROUP refuses updates by members of the group.
update.auth.group.also-demands-job-owner @GROUP demands membership of the job's owner group as well.
update.auth.user.admits-stranger USER admits updates by other users.
update.auth.user.refuses-user USER refuses updates by the named user.
update.auth.user.matches-group USER also admits updates by members of a group of that name.
update.auth.job-admin.admits-plain #jobAdmin admits updates by plain users.
update.auth.job-admin.refuses-admin #jobAdmin refuses updates by administrators.
update.auth.job-admin.refuses-update-privileged #jobAdmin refuses update-privileged users.
update.auth.missing.admits-plain A type without authorization admits plain users.
update.auth.missing.refuses-admin A type without authorization refuses administrators.
update.auth.missing.refuses-update-privileged A missing auth value refuses update-privileged users.
update.auth.unknown.admits-plain An unknown #value as update authorization admits plain users.

[ownership]
ownership.group-not-required A plain user need not name an owner group.
ownership.membership-not-checked A plain user may name an owner group of others.
ownership.user-not-checked A plain user may name another user as owner.
ownership.contact-not-required A privileged create needs neither owner nor contact e-mail.
ownership.anonymous-group-accepted An anonymous caller may name an owner group.
ownership.on-behalf-refused A create-privileged user may not create for another user.

[datasets]
datasets.check.any-instead-of-all One satisfying dataset is enough for a whole list.
datasets.check.one-too-few One dataset of the list may fail the condition.
datasets.check.first-only Only the first dataset of a list is checked.
datasets.check.published-ignored Publication does not count for #datasetAccess.
datasets.check.access-groups-ignored Access groups do not count for #datasetAccess.
datasets.check.owner-group-ignored The owner group does not count for #datasetAccess.
datasets.check.list-not-required #dataset authorizations need no dataset list.
datasets.check.skipped-for-create-privileged Datasets are not checked for create-privileged users.
datasets.check.applied-to-admin Datasets are checked for administrators too.
datasets.check.caller-groups-on-behalf On behalf of another user the caller's own groups count.
datasets.check.request-group-decides The request's owner group decides, not the user's groups.
datasets.list.missing-pid-accepted Datasets that do not exist are accepted.
datasets.list.missing-file-accepted Files that do not exist are accepted.
datasets.list.files-of-any-dataset-accepted A file may come from any dataset of the list.
datasets.list.empty-accepted An empty dataset list is accepted.
datasets.list.malformed-accepted A malformed dataset list is accepted.
datasets.list.repeated-pid-accepted A pid may be listed twice.

[groups]
groups.prefix Two groups are the same when one name begins with the other.
groups.case-insensitive Group names are compared without case.
groups.first-of-the-user-only Only the first group of a user counts.
groups.environment.first-entry-only Only the first entry of an environment list counts.
groups.environment.not-trimmed Entries of environment lists keep their blanks.
groups.admin-name-hard-coded The group 'admin' makes administrators, not ADMIN_GROUPS.

[gate]
gate.create.missing POST has no endpoint authorization.
gate.create.per-type Endpoint authorization of POST looks only at the requested job type.
gate.create.anonymous-by-dataset-access A #datasetAccess type opens POST to anonymous callers.
gate.create.anonymous-not-by-dataset-public #datasetPublic keeps POST closed to anonymous.
gate.create.update-privileged-passes Update-privileged users may POST.
gate.update.missing PATCH has no endpoint authorization.
gate.update.per-type Endpoint authorization of PATCH looks only at the type of the job.
gate.update.anonymous-refused Anonymous callers may never PATCH.
gate.update.create-privileged-passes Create-privileged users may PATCH.
gate.read.anonymous-passes Anonymous callers may use the reading endpoints.

[read]
read.one.anybody Everybody with access to the endpoint may read every job.
read.one.means-creator The creator may read a job instead of its owner.
read.one.owner-group-ignored Members of the owner group may not read a job.
read.one.owner-user-ignored The owner may not read a job.
read.one.admin-refused Administrators may not read jobs of others.
read.one.create-privileged-as-plain Create-privileged users read single jobs like plain users.
read.one.update-privileged-as-plain Update-privileged users read single jobs like plain users.

[list]
list.unreadable-datasets-shown Lists show datasets that the caller may not read.
list.files-of-datasets-shown Datasets within lists show files that the caller may not read.
list.leaks The list shows jobs of others.
list.own-group-hidden Lists hide the jobs of the user's groups.
list.own-user-hidden Lists hide the jobs that the user owns.
list.create-privileged-as-plain Create-privileged users see lists like plain users.
list.update-privileged-as-plain Update-privileged users see lists like plain users.
list.unconfigured-shown Plain users see jobs of types that are no longer configured.
list.unconfigured-hidden-from-admin Lists hide jobs of unconfigured types from privileged users.
list.where-ignored Lists ignore the query.
list.limit-ignored Lists ignore the limit.
list.skip-before-limit Lists skip before they limit.
list.sort-ignored Lists ignore the order.
fullquery.leaks The full query shows jobs of others.
fullquery.where-ignored The full query ignores its conditions.
fullquery.order-ignored The full query ignores the order.
fullfacet.leaks Facets count jobs of others.
fullfacet.counts-wrong Facets count every value once.
fullfacet.total-wrong Facets count one job too many in total.
dataset-details.leaks The dataset details of v4 show jobs of others.

[delete]
delete.anybody-with-a-login Every authenticated user may delete jobs.
delete.admin-passes Administrators may delete jobs without being deleters.
delete.group-refused Members of the deleting groups may not delete jobs.
delete.keeps-the-job DELETE answers 200 and keeps the job.

[create]
create.stored-despite.instance-denial A job is stored although its authorization denied it.
create.stored-despite.dataset-denial A job is stored although its datasets denied it.
create.stored-despite.ownership-denial A job is stored although its owner was refused.
create.stored-despite.repeated-pid A job is stored although a pid was listed twice.
create.stored-despite.action-refusal A job is stored although an action refused it while validating.
create.nothing-stored POST answers 201 and stores nothing.

[update]
update.applied-despite-denial A denied update is applied.
update.nothing-stored PATCH answers 200 and stores nothing.
update.status-dropped An update does not change the status.
update.result-dropped An update does not change the result object.
update.owner-group-changed An update sets the owner group to a group of the updater.
update.owner-user-changed An update sets the owner user to the updater.
update.updated-by.unchanged An update does not change updatedBy.
update.updated-by.owner An update sets updatedBy to the owner of the job.
update.config-version-changed An update changes the recorded configuration version.
update.deleted-dataset-ignored A job whose dataset was deleted can still be updated.

[stored]
stored.owner-user.creator The creator is stored as owner instead of the requested user.
stored.owner-user.dropped The owner is not stored.
stored.owner-user.unknown-kept An owner who does not exist is stored instead of the caller.
stored.owner-user.anonymous-claim-kept The owner that an anonymous caller names is stored.
stored.owner-group.dropped The owner group is not stored.
stored.owner-group.first-of-caller The caller's first group is stored as owner group.
stored.contact-email.creator The caller's e-mail address is stored instead of the specified one.
stored.contact-email.empty The contact e-mail address is stored empty.
stored.created-by.owner The owner is recorded as the creator.
stored.status-code.wrong-default The default status code is jobCreated.
stored.status-code.request-ignored The initial status in jobParams is ignored.
stored.status-message.wrong-default The default status message is that of an older release.
stored.config-version.empty The configuration version is stored empty.
stored.job-params.dropped The parameters of the job are stored empty.

[status]
status.create-200 A successful POST answers 200.
status.update-201 A successful PATCH answers 201.
status.create-denial-400 A create denied by its authorization answers 400.
status.update-denial-400 A denied update answers 400.
status.read-denial-404 A denied read answers 404.
status.dataset-denial-400 A create denied by its datasets answers 400.
status.empty-list-403 An empty dataset list answers 403.
status.contact-missing-403 A missing contact e-mail answers 403.
status.owner-check-anonymous-403 An anonymous #datasetOwner create answers 403.
status.missing-type-500 A create without a type answers 500.
status.unknown-type-500 An unknown job type answers 500.
status.body-error-500 A malformed body answers 500.
status.unknown-id-404 An unknown job id answers 404.
status.delete-unknown-500 Deleting an unknown job answers 500.

[v3]
v3.owner-group.of-first-dataset The owner group is always that of the first dataset.
v3.owner-group.parameter-ignored The owner group in jobParams is ignored.
v3.create.email-dropped emailJobInitiator is ignored.
v3.create.username-ignored The username in jobParams is ignored.
v3.create.execution-time-dropped The execution time of a new job is lost.
v3.create.dataset-list-dropped The dataset list of a new job is lost.
v3.create.status-message-dropped The initial status of a new job is lost.
v3.update.status-message-dropped An update does not change the status.
v3.update.execution-time-dropped The execution time of an update is lost.
v3.output.status-message-text jobStatusMessage shows the message instead of the code.
v3.output.owner-shown Owner fields are shown, which v3 does not have.

[tokens]
tokens.expired-accepted Expired tokens are accepted.
tokens.expired-as-anonymous An expired token makes the caller anonymous instead of answering 401.
tokens.signature-unchecked The signature of a token is not checked.
tokens.garbage-refused A token that does not verify answers 401 instead of being ignored.
tokens.unknown-user-refused A genuine token of an unknown user answers 401.
tokens.scheme-case-sensitive Only the exact word Bearer introduces a token.
tokens.anonymous-jwt-has-groups The token for anonymous callers carries groups.

[patch]
patch.merge-as-replace A merge-patch replaces the result object.
patch.replace-as-merge A plain JSON update merges into the result object.
patch.null-result-kept A null result object in JSON leaves the stored one as it is.
patch.execution-time-not-moved An execution time in the result object stays there.

[bodies]
bodies.unknown-keys-accepted Unknown keys of a v4 body are dropped instead of refused.

[actions]
actions.log.perform-skipped The log action logs nothing when it performs.
actions.log.perform-twice The log action logs twice when it performs.
actions.error.skipped The error action does nothing.
actions.error.status-ignored The error action always answers 400.
actions.validate.skipped The validate action checks nothing.
actions.validate.first-dataset-only The validate action checks only the first dataset.
actions.update-runs-create-actions An update runs the actions of the create operation.
"""


def _entries(text: str) -> Iterator[Defect]:
    family = ""
    for line in filter(None, text.splitlines()):
        if line.startswith("["):
            family = line.strip("[]")
        else:
            id_, _, sentence = line.partition(" ")
            yield Defect(id_, family, sentence)


CATALOGUE: tuple[Defect, ...] = (*_entries(_TEXT + EFFECTS), *BESIDE)
"""All defects, grouped by family."""
