/** All countries by name, for a select field. */
import { countryName, countryOptions } from "./geoPlace";

// Codes of unions and test codes, which no address has.
const NO_COUNTRIES: ReadonlySet<string> = new Set(["EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"]);
const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/** Sorted in the given language. Codes of former countries are aliases of others and are left out. */
export function countries(language: string): { value: string; text: string }[] {
	const codes = LETTERS.flatMap((first) => LETTERS.map((second) => first + second))
		.filter((code) => !NO_COUNTRIES.has(code) && Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`)
		.filter((code) => countryName(code, language) !== code);
	return countryOptions(codes, language);
}
