/** Error codes of the REST and SOAP APIs that the store throws (SOAP API Developer Guide, "StatusCode" and "ExceptionCode"). */
export type SalesforceErrorCode =
  | 'REQUIRED_FIELD_MISSING'
  | 'INVALID_FIELD'
  | 'INVALID_FIELD_FOR_INSERT_UPDATE'
  | 'INVALID_TYPE'
  | 'INVALID_TYPE_ON_FIELD_IN_RECORD'
  | 'STRING_TOO_LONG'
  | 'NUMBER_OUTSIDE_VALID_RANGE'
  | 'INVALID_EMAIL_ADDRESS'
  | 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'
  | 'INVALID_CROSS_REFERENCE_KEY'
  | 'FIELD_INTEGRITY_EXCEPTION'
  | 'DUPLICATE_VALUE'
  | 'MALFORMED_ID'
  | 'ENTITY_IS_DELETED'
  | 'DELETE_FAILED'
  | 'UNDELETE_FAILED'
  | 'NOT_FOUND'
  | 'JSON_PARSER_ERROR'
  | 'UNABLE_TO_LOCK_ROW';

/** A refused write, in the shape the REST API prints: `{message, errorCode, fields}`. */
export class SalesforceError extends Error {
  override readonly name = 'SalesforceError';

  constructor(
    readonly errorCode: SalesforceErrorCode,
    message: string,
    /** API names of the fields at fault. */
    readonly fields: readonly string[] = [],
  ) {
    super(message);
  }

  /** As in the body of an error answer. */
  toJSON(): { message: string; errorCode: SalesforceErrorCode; fields: string[] } {
    return { message: this.message, errorCode: this.errorCode, fields: [...this.fields] };
  }
}
