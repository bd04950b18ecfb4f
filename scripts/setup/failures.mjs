/** A message for a person, complete as it stands: printed alone, without a stack. */
export class SetupError extends Error {}

/** One way did not lead to the goal; the next may. The message is the reason, in half a sentence. */
export class NotThisWay extends Error {}

/** A command that was run failed. `lines` are the last it wrote. */
export class StepFailed extends NotThisWay {
  /**
   * @param {string} message
   * @param {string[]} [lines]
   */
  constructor(message, lines = []) {
    const tail = lines.slice(-3).map((line) => line.trim().slice(0, 300));
    super(tail.length ? `${message}: ${tail.join(' / ')}` : message);
    this.lines = lines;
  }
}
