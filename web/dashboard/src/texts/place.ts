import type { T } from "./LanguageStore";

/** Where somebody is: the country in the agent's language, with the region where the look-up knew one below it. */
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

function countryName(code: string, language: string): string {
	try {
		return new Intl.DisplayNames([language], { type: "region" }).of(code) ?? code;
	} catch {
		return code;
	}
}
