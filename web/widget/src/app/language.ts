/** The language of this visitor: what the page is written in, else what the browser prefers. */
import { pickLanguage, regional, type Translate, translator } from "@palique/ui/i18n";
import { en, type TextKey } from "../texts/en";
import { es } from "../texts/es";

const TEXTS = { en, es };

/** `language` has the region, for dates; `texts` names the site's own words. */
export type Say = Translate<TextKey> & { readonly texts: keyof typeof TEXTS };

export function chooseTexts(view: Window): Say {
	const page = new URLSearchParams(view.location.search).get("language");
	const wanted = [...(page ? [page] : []), ...view.navigator.languages];
	const language = pickLanguage(wanted, ["en", "es"], "en");
	const say = translator<TextKey>(regional(language, view.navigator.languages), TEXTS[language]);
	return Object.assign(say, { texts: language });
}
