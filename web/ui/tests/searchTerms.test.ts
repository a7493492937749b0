import fc from "fast-check";
import { expect, it } from "vitest";
import vectors from "../../../tests/vectors/search_terms.json";
import { containsTerms, fold, queryTerms } from "../src/searchTerms";

it.each(vectors.folded as [string, string][])("folds %j to %j", (text, folded) => {
	expect(fold(text)).toBe(folded);
});

it.each(vectors.terms as [string, string[]][])("divides %j into %j", (text, terms) => {
	expect(queryTerms(text)).toEqual(terms);
});

it.each([
	["lodz", ["Łódź"]],
	["jose", ["Jose\u0301 García"]],
	["garcia ana", ["Ana", "García"]],
	["退款", ["您好，我想申请退款，谢谢"]],
	["dev", ["devolución"]],
	["?", ["Really?"]],
	[" ", ["anything"]],
	["", []],
])("finds %j in %j", (query, texts) => {
	expect(containsTerms(query, texts)).toBe(true);
});

it.each([
	["退货", ["我想申请退款"]],
	["ana garcia", ["Ana"]],
	["?", ["Really!"]],
])("does not find %j in %j", (query, texts) => {
	expect(containsTerms(query, texts)).toBe(false);
});

it("finds every text by itself, and folds once", () => {
	fc.assert(
		fc.property(fc.string({ unit: "grapheme" }), (text) => {
			expect(fold(fold(text))).toBe(fold(text));
			expect(containsTerms(text, [`before ${text} after`])).toBe(true);
		}),
	);
});
