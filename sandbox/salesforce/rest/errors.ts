/**
 * An answer other than success, as the REST API words it: an HTTP status and an array of errors
 * (REST API Developer Guide, "Status Codes and Error Responses"). The message is what Salesforce says, so that a client
 * that matches on words is tested against the right ones.
 */
export class RestError extends Error {
  constructor(
    readonly status: number,
    readonly errorCode: string,
    message: string,
    readonly fields?: readonly string[],
  ) {
    super(message);
    this.name = 'RestError';
  }

  /** The body of the HTTP answer. `fields` is there only for errors of saving, as in the vendor's API. */
  body(): { message: string; errorCode: string; fields?: readonly string[] }[] {
    return [
      {
        message: this.message,
        errorCode: this.errorCode,
        ...(this.fields === undefined ? {} : { fields: this.fields }),
      },
    ];
  }
}

/** 404 for a record, object or resource that is not there. */
export const notFound = (message = 'The requested resource does not exist') => new RestError(404, 'NOT_FOUND', message);

/** 401 of a request without a session that is valid now. */
export const invalidSession = () => new RestError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');

/** 400 for SOQL that cannot be parsed. */
export const malformedQuery = (message: string) => new RestError(400, 'MALFORMED_QUERY', message);

/** 501 for something Salesforce can do and this emulator cannot: said plainly rather than answered wrongly. */
export const unsupported = (what: string) =>
  new RestError(501, 'SANDBOX_UNSUPPORTED', `The sandbox does not support ${what}`);
