/**
 * The folding and the search terms of `kit/text/search_terms.py`, for filters of lists that the browser has.
 * `tests/vectors/search_terms.json` checks both. Pure.
 */
/** Letters that Unicode does not decompose or lower-case as case folding does, and Arabic letters with several spellings. */
const LETTERS: Readonly<Record<string, string>> = {
	ß: "ss",
	ς: "σ",
	ł: "l",
	ø: "o",
	đ: "d",
	ð: "d",
	ħ: "h",
	ı: "i",
	ŧ: "t",
	ŀ: "l",
	æ: "ae",
	œ: "oe",
	þ: "th",
	أ: "ا",
	إ: "ا",
	آ: "ا",
	ى: "ي",
	ك: "ك",
	ة: "ه",
	ک: "ك",
	ی: "ي",
};
const LETTER = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "gu");
/** Accents, points and vowels to drop. Marks of other scripts are part of the spelling. */
const MARKS =
	/[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]+/gu;
/** A run of letters of scripts without spaces between words, or of Korean. */
const UNSPACED =
	/([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\u{20000}-\u{3ffff}]+)/u;
const WORD = /[\p{L}\p{N}\p{Mn}\p{Mc}]+/gu;

/** The text without case, accents and compatibility forms. Folding twice changes nothing. */
export function fold(text: string): string {
	const lower = text.normalize("NFKD").toLowerCase().normalize("NFKD");
	return (
		lower
			// Case folding makes the iota below a letter of its own.
			.replaceAll("\u0345", "ι")
			.replaceAll(MARKS, "")
			.replaceAll(LETTER, (letter) => LETTERS[letter] ?? letter)
			.normalize("NFC")
	);
}

/** The distinct terms that a match must have, in the order of their first use. */
export function queryTerms(text: string): string[] {
	const runs = fold(text).match(WORD) ?? [];
	return [...new Set(runs.flatMap((run) => run.split(UNSPACED)).flatMap(termsOf))];
}

/** True if the texts together contain each term of the query, also inside a word. A query without a word is looked for as it is. */
export function containsTerms(query: string, texts: readonly string[]): boolean {
	const folded = fold(texts.join("\n"));
	const terms = queryTerms(query);
	return (terms.length > 0 ? terms : [fold(query).trim()]).every((term) => folded.includes(term));
}

function termsOf(word: string): string[] {
	const letters = [...word];
	if (letters.length < 2 || !UNSPACED.test(word)) return word === "" ? [] : [word];
	return letters.slice(1).map((letter, index) => `${letters[index]}${letter}`);
}
