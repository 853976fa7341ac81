// Why it does not work; the page has a sentence for each: files, kind, purpose, empty, password, cipher, pair, expired, early.
export class Refusal extends Error {
  constructor(why) {
    super(why);
    this.why = why;
  }
}
