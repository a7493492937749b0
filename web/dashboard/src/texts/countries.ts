/** All countries by name, for a list to choose from. */
import { countryName } from "./geoPlace";

// Codes of unions and of tests, which no address is from.
const NO_COUNTRIES: ReadonlySet<string> = new Set(["EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"]);
const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/** In the order of the language. Codes of countries that are no more lead to others, and are left out by that. */
export function countries(language: string): { value: string; text: string }[] {
	return LETTERS.flatMap((first) => LETTERS.map((second) => first + second))
		.filter((code) => !NO_COUNTRIES.has(code) && Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`)
		.map((code) => ({ value: code, text: countryName(code, language) }))
		.filter(({ value, text }) => text !== value)
		.sort((one, other) => one.text.localeCompare(other.text, language));
}
