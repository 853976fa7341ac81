// A business registration number (사업자등록번호), as typed: ten digits, of which the last fits the others.
import { Refusal } from "./refusal.js";

const WEIGHTS = [1, 3, 7, 1, 3, 7, 1, 3, 5];

export function companyNumber(typed) {
  const digits = typed.replace(/[\s-]/g, "");
  const sum = WEIGHTS.reduce((all, weight, i) => all + weight * digits[i], Math.floor((digits[8] * 5) / 10));
  if (digits && !(/^\d{10}$/.test(digits) && (sum + Number(digits[9])) % 10 === 0)) throw new Refusal("number");
  return digits;
}
