import type { T } from "./LanguageStore";

/** Location of a visitor: the country in the agent's language, after the region if known. */
export function place(t: T, region: string | null | undefined, country: string | null | undefined): string {
	if (!country)
		return !region || region === "Unknown"
			? t("place_unknown")
			: region === "Local"
				? t("place_local")
				: region;
	const name = countryName(country, t.language);
	const english = countryName(country, "en");
	return !region || region === english || region === country ? name : `${region}, ${name}`;
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
