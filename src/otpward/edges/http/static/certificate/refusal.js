// Why it does not work; the page has a sentence for each: none, files, kind, purpose, expired, early, empty, password, cipher, pair,
// and for a company: number, person, random, other.
export class Refusal extends Error {
  constructor(why) {
    super(why);
    this.why = why;
  }
}
