/**
 * Translation: picks a language and fills in placeholders. Texts are flat objects, one file a language, all with the keys of the
 * English one; a placeholder is `{name}`.
 * A text with a number has two keys, `key_one` and `key_other`, chosen by the language's plural rule.
 */
import { stripBidiControls } from "./bidi";

export type Texts<Keys extends string> = Readonly<Record<Keys, string>>;
export type Values = Readonly<Record<string, string | number>>;

type Countable<Keys extends string> = Keys extends `${infer Stem}_other` ? Stem : never;

export interface Translate<Keys extends string> {
	(key: Keys, values?: Values): string;
	/** The text for `n` things; `{n}` is filled in. */
	count(stem: Countable<Keys>, n: number, values?: Values): string;
	readonly language: string;
}

/** The first wanted language (BCP 47, most wanted first) that is available, ignoring regions; else the fallback. */
export function pickLanguage<L extends string>(
	wanted: readonly string[],
	available: readonly L[],
	fallback: L,
): L {
	const bases = wanted.map((tag) => tag.toLowerCase().split("-")[0]);
	return bases.find((base): base is L => available.includes(base as L)) ?? fallback;
}

/** The language with the browser's region, for dates and numbers: times differ between British and American English. */
export function regional(language: string, wanted: readonly string[]): string {
	return wanted.find((tag) => tag.toLowerCase().split("-")[0] === language) ?? language;
}

export function translator<Keys extends string>(language: string, texts: Texts<Keys>): Translate<Keys> {
	const plural = new Intl.PluralRules(language);
	const number = new Intl.NumberFormat(language);
	const translate = (key: Keys, values: Values = {}): string => fill(texts[key], values);
	const count = (stem: Countable<Keys>, n: number, values: Values = {}): string => {
		const form = plural.select(n) === "one" ? "one" : "other";
		return fill(texts[`${stem}_${form}` as Keys], { n: number.format(n), ...values });
	};
	return Object.assign(translate, { count, language });
}

// Right-to-left letters and bidi control characters.
const TURNS = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]/;

function fill(text: string, values: Values): string {
	return text.replace(/\{(\w+)\}/g, (whole, name: string) => isolated(String(values[name] ?? whole)));
}

/** Isolates a right-to-left value (FSI … PDI), so that it does not reorder the sentence around it. */
function isolated(value: string): string {
	if (!TURNS.test(value)) return value;
	// Control characters inside could end the isolate early.
	return `\u2068${stripBidiControls(value)}\u2069`;
}
