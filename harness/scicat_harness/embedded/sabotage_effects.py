"""The part of the sabotage catalogue about actions, templates and the start.

In the format of :mod:`scicat_harness.embedded.sabotage`, which joins both parts.
"""

__all__ = ["EFFECTS"]

EFFECTS = """
[rabbitmq]
actions.rabbitmq.skipped No message is published.
actions.rabbitmq.exchange-wrong Messages go to another exchange.
actions.rabbitmq.queue-wrong Another queue is declared and bound.
actions.rabbitmq.routing-key-wrong Messages carry another routing key.
actions.rabbitmq.binding-key-wrong The queue is bound with another key.
actions.rabbitmq.key-rendered The key is rendered as a template.
actions.rabbitmq.not-persistent Messages are not persistent.
actions.rabbitmq.queue-not-durable The queue is declared without durability.
actions.rabbitmq.body-is-request Messages hold the request instead of the stored job.
actions.rabbitmq.body-is-v3 Messages hold the job in its v3 form.
actions.rabbitmq.body-is-indented Messages are indented instead of compact.
actions.rabbitmq.previous-job After an update messages hold the previous job.
actions.rabbitmq.published-twice Every message is published twice.
actions.rabbitmq.create-only Updates publish nothing.
actions.rabbitmq.despite-denial A message is published for a create that is denied.
actions.rabbitmq.despite-refusal A message is published although an action refused the request.
actions.rabbitmq.failure-ignored A lost broker connection does not fail the request.

[email]
actions.email.skipped No mail is sent.
actions.email.to-contact Mails go to the contact address instead of the configured one.
actions.email.first-recipient-only Only the first of several recipients gets the mail.
actions.email.sender-default The configured sender is ignored.
actions.email.sender-rendered The sender is rendered as a template.
actions.email.reply-to-dropped The configured reply address is missing.
actions.email.subject-unrendered The subject is not rendered.
actions.email.body-unrendered The body is not rendered.
actions.email.sent-twice Every mail is sent twice.
actions.email.create-only Updates send no mail.
actions.email.failure-fails-the-job A mail that cannot be sent fails the request.
actions.email.template-errors-not-logged A mail that cannot be rendered leaves no line in the log.
actions.email.template-errors-ignored A broken template never fails the request.
actions.email.ignore-errors-ignored A broken template fails the request despite ignoreErrors.
actions.email.despite-denial A mail is sent for a create that is denied.
actions.email.despite-refusal A mail is sent although an action refused the request.

[url]
actions.url.skipped No URL is called.
actions.url.method-ignored URLs are always called with GET.
actions.url.headers-dropped The configured headers are not sent.
actions.url.headers-unrendered Headers are not rendered.
actions.url.body-dropped The configured body is not sent.
actions.url.body-unrendered The body is not rendered.
actions.url.not-encoded The URL is not encoded before the call.
actions.url.redirects-not-followed Redirects are not followed.
actions.url.called-twice Every URL is called twice.
actions.url.create-only Updates call no URL.
actions.url.refusals-not-logged A refused call leaves no line in the log.
actions.url.client-errors-accepted A remote 4xx counts as success.
actions.url.server-errors-accepted A remote 5xx counts as success.
actions.url.status-hidden A remote error always answers 400.
actions.url.network-errors-swallowed A remote that cannot be reached counts as success.
actions.url.ignore-errors-ignored A remote error fails the request despite ignoreErrors.
actions.url.despite-denial A URL is called for a create that is denied.
actions.url.despite-refusal A URL is called although an action refused the request.

[validate]
actions.validate.first-path-only Only the first configured path is checked.
actions.validate.first-match-only Only the first value that a path finds is checked.
actions.validate.absence-accepted A path that finds nothing is accepted.
actions.validate.datasets-not-required Rules for datasets are skipped if there is no dataset.
actions.validate.update-skipped Updates are not validated.
actions.validate.update-checks-datasets Updates check datasets too.

[switch]
actions.switch.skipped No case ever runs.
actions.switch.first-case-always The first case always runs.
actions.switch.last-case-always The last case always runs.
actions.switch.all-matching-cases Every matching case runs instead of the first.
actions.switch.strict-equality Values of different types never match.
actions.switch.phase-ignored Cases run in both phases, whatever phase is configured.
actions.switch.default-never The default case never runs.
actions.switch.schema-never No schema ever matches.
actions.switch.regex-flags-ignored The flags of a regular expression are ignored.
actions.switch.ambiguity-ignored Of several distinct values the first counts.

[effects]
actions.error.message-unrendered The message of an error is not rendered.
actions.error.raised-in-perform The error action refuses only after the job is stored.
actions.error.update-skipped The error action lets updates pass.
actions.log.validate-skipped The log action logs nothing while validating.
actions.log.perform-unrendered The log action logs its text without rendering it.
actions.log.despite-denial The log action performs for a create that is denied.
actions.order-reversed Actions perform in the reverse order.
actions.later-run-after-failure A failing action does not stop those after it.
actions.perform-not-awaited The reply does not wait for the actions, nor for their failures.
actions.performed-before-stored Actions perform before the job is stored.
actions.failure-removes-the-job A failing action removes the stored job.
actions.broken-guard-refuses A broken template refuses the request while validating.
actions.update-performs-nothing Updates perform no action at all.
update.stored-despite-action-refusal An update is stored although an action refused it.
stored.status-code.setting-ignored The initial status of the environment is ignored.
templates.double-stash-unescaped Double braces do not escape.
templates.triple-stash-escaped Triple braces escape.
context.datasets-empty Actions see no datasets.
context.datasets-in-request-order Actions see datasets in the order of the request.
context.env-empty Actions see no environment.
context.job-missing-in-perform Performing actions do not see the job.
context.job-previous-in-update After an update actions see the previous job.
context.job-visible-before-update Before an update actions see the members of the job.

[helpers]
helpers.jsonify.compact jsonify does not indent.
helpers.unwrap-json.nothing-for-null unwrapJSON prints nothing for null.
helpers.unwrap-json.booleans-kept unwrapJSON prints true and false.
helpers.key-to-word.kept keyToWord changes nothing.
helpers.eq.by-text eq compares texts.
helpers.or.plain-truth or treats every truthy value as true.
helpers.and.any-is-enough and needs only one true value.
helpers.not.affirms not does not negate.
helpers.concat.first-only concat joins nothing.
helpers.matches.flags-ignored matches ignores its flags.
helpers.default.ignored default never returns the default value.
helpers.job-v3.status-message-text job_v3 shows the status message instead of the code.
helpers.job-v3.dataset-list-empty job_v3 loses the dataset list.
helpers.urlencode.kept urlencode changes nothing.
helpers.base64.kept base64enc and base64dec change nothing.
helpers.format-unit.kept formatUnit does not choose a prefix.

[startup]
startup.unknown-action-accepted An unknown action type does not stop the start.
startup.invalid-options-accepted Bad options of an action do not stop the start.
startup.duplicate-type-accepted A job type configured twice does not stop the start.
startup.missing-operation-accepted A missing create or update does not stop the start.
startup.bad-schema-accepted A schema that is no object does not stop the start.
startup.missing-mail-template-accepted A missing mail template does not stop the start.
startup.rabbitmq-enabled-by-true RABBITMQ_ENABLED=true enables RabbitMQ.
"""
