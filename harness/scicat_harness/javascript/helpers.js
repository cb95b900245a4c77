// The helpers of the backend's templates, written anew after their observed behaviour.
// Specification: templates.helpers.
"use strict";

const TRUE_WORDS = [true, "true", 1, "1", "on", "yes"];

const isTrue = (value) => TRUE_WORDS.includes(value);
// Handlebars passes an object with options as the last argument of every helper.
const withoutOptions = (values) => values.slice(0, -1);

function words(name) {
  const spaced = name.replace(/[A-Z]/g, (letter) => ` ${letter}`);
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

function unwrapped(value) {
  if (value === null || value === undefined) return "Not specified";
  if (value === true) return "Yes";
  if (value === false) return "No";
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) {
    const items = value.map((each) => `<li style='margin-bottom: 1em'>${unwrapped(each)}</li>`);
    return `<ul style='padding-left: 1em'>${items.join("")}</ul>`;
  }
  if (typeof value !== "object") return value;
  const lines = Object.entries(value).map(([key, each]) => `${words(key)}: ${unwrapped(each)}`);
  return lines.join("<br/>");
}

function asV3(job) {
  return {
    id: job.id || job._id,
    emailJobInitiator: job.contactEmail,
    type: job.type,
    creationTime: job.createdAt,
    jobParams: { ...job.jobParams, username: job.createdBy },
    jobStatusMessage: job.statusCode,
    datasetList: "datasetList" in job.jobParams ? job.jobParams.datasetList : [],
  };
}

const HELPERS = {
  jsonify: (value) => JSON.stringify(value, null, 3),
  unwrapJSON: unwrapped,
  keyToWord: words,
  eq: (a, b) => a === b,
  or: (...values) => withoutOptions(values).some(isTrue),
  and: (...values) => withoutOptions(values).every(isTrue),
  not: (value) => !isTrue(value),
  concat: (...values) => withoutOptions(values).join(""),
  matches: (text, regex, ...rest) => new RegExp(regex, withoutOptions(rest).pop()).test(text),
  default: (value, instead) => value || instead,
  job_v3: asV3,
  urlencode: (value) => encodeURIComponent(value),
  base64enc: (value) => btoa(value),
  base64dec: (value) => atob(value),
};

// mathjs is large, so it is loaded by the first call.
module.exports = (load) => ({
  ...HELPERS,
  formatUnit: (number, unit, options) =>
    load("mathjs").unit(number, unit).format({ precision: 2, ...options.hash }),
});
