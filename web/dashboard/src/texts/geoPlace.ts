import type { T } from "./LanguageStore";
import { byName } from "./nameOrder";

/** Location of a visitor: the country in the agent's language. Its code counts, since `region` has the gateway's name of it. */
export function place(t: T, region: string | null | undefined, country: string | null | undefined): string {
	if (country) return countryName(country, t.language);
	if (!region || region === "Unknown") return t("place_unknown");
	return region === "Local" ? t("place_local") : region;
}

/** Countries as options of a select field, in the order of their names. */
export function countryOptions(
	codes: readonly string[],
	language: string,
): { value: string; text: string }[] {
	return byName(
		codes.map((code) => ({ code, name: countryName(code, language) })),
		language,
	).map(({ code, name }) => ({ value: code, text: name }));
}

const NAMES = new Map<string, Intl.DisplayNames>();

// Creating `Intl.DisplayNames` is far slower than a look-up, and a list needs hundreds.
export function countryName(code: string, language: string): string {
	let names = NAMES.get(language);
	if (!names) {
		names = new Intl.DisplayNames([language], { type: "region" });
		NAMES.set(language, names);
	}
	try {
		return names.of(code) ?? code;
	} catch {
		return code;
	}
}
