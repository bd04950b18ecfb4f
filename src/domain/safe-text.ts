/**
 * A vendor's error text, made safe for logs, Temporal's history and Salesforce.
 *
 * Vendors put names, addresses, host names and IP addresses into their messages, and no pattern finds all of them. So this
 * works the other way round: only words that are known to say nothing about a person are kept, and all others become "…".
 * `Client jane@example.com could not be found` becomes `Client … could not be found`.
 */

const WORDS = `
a able about above abort aborted accept accepted access account accounts action actions activate activated activation active add added
addon admin after again all allow allowed already an and any api are argument arguments array as assigned associated at attempt
authentication authorization available backend bad be because been before being below billing billingcycle blocked body both but by
call called can cancel cancelled cannot card cart case certificate change changed character characters check class client clients closed code
column command complete completed concurrent config configuration configured confirm connect connected connection contact contains
content could country create created creation credentials credit currency current custom customer cycle daily data database date
days db deactivated deadlock default delete deleted denied describe details did digits directory disabled disk do does domain domains done down
duplicate duplicated during each email empty enabled end enough entity entry error errors exceeded exception execute execution existing exist exists
expected expecting expired expires external fail failed failing fails failure fatal fault feature field fields file filter first flow follow for
forbidden found foreign form format free from full function gateway get given greater group had has have header help hook host hosting hour
hours http https id identifier if in inactive include included includes incorrect inner input insert inserted inside install installation
insufficient integer internal into invalid invoice ip is isn it item items its json key last least length less license limit limited limits line
list locked lock login long lookup maintenance make mandatory many match maximum memory message method minimum minute minutes missing mode
module modules more must name names need needed network new no node non not nothing null number object of off offline old on once one only
operation option options or order orders other out over override owner package page parameter parameters parent parse password payment pending
per permission permissions picklist please point port possible prevented price pricebook process processing product products property
provided provision provisioned provisioning query queue quota quantity range rate reached read readonly reason record records reference refused
reject rejected related remote removed repeat request requests required requires reset resource response restricted result retry returned role
row rows rule running same schema second seconds secret section security select send sent serial server servers service services session set
setting setup should size software some something space specified standard start state status still stock stopped string subscription
succeeded success such support suspended syntax system table temporarily term terminated test than that the their them then there this time
timed timeout timeouts to token too total transaction trigger try type unable unauthorized unavailable unexpected unique unknown unlimited
unsupported until up update updated upgrade url usage use used user username using valid validation value values version wait warning was
were when where which while with within without working write wrong xml you your zero zone
`;
const KNOWN = new Set(WORDS.trim().split(/\s+/));
/** A number directly after one of these is an id or a code. Any other could be a telephone number or a house. */
const NUMBERED = new Set([
  'addon',
  'client',
  'code',
  'error',
  'field',
  'http',
  'id',
  'item',
  'line',
  'order',
  'product',
  'service',
  'status',
]);
/** API names such as `WHMCS_Order_ID__c` or `UNABLE_TO_LOCK_ROW`; a plain word in capitals could be a name. */
const API_NAME = /^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Za-z][A-Za-z0-9_]*__[cer])$/;
const TOKEN = /[\p{L}\p{N}_]+|[^\p{L}\p{N}_]+/gu;
const GAP = '…';

/** `text` with every word that is not known to be harmless replaced by "…", on one line, at most `limit` characters long. */
export function safeText(text: string, limit = 160): string {
  let previous = '';
  let safe = '';
  for (const [token] of text.slice(0, 2_000).matchAll(TOKEN)) {
    if (!/^[\p{L}\p{N}_]/u.test(token)) {
      safe += token.replace(/[^ .,:;()'"/#%!?-]+/g, ' ');
      continue;
    }
    const word = token.toLowerCase();
    const harmless = /^\d+$/.test(word)
      ? word.length <= 9 && NUMBERED.has(previous)
      : KNOWN.has(word) || API_NAME.test(token);
    safe += harmless ? token : GAP;
    previous = word;
  }
  safe = safe
    .replace(/\s+/g, ' ')
    .replace(/…(?:[ .,:;()'"/#%!?-]*…)+/g, GAP)
    .trim();
  return safe.length > limit ? `${safe.slice(0, limit - 1).trimEnd()}${GAP}` : safe;
}
