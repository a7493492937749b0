/** The language of this visitor: what the page is written in, else what the browser prefers. */
import { pickLanguage, regional, type Translate, translator } from "@palique/ui/i18n";
import { DEFAULT_LANGUAGE, LANGUAGES, type Language } from "@palique/ui/vocabulary";
import type { TextKey } from "../texts/en";
import { TEXTS } from "../texts/languages.gen";

/** `language` has the region, for dates; `texts` names the site's own words. */
export type Say = Translate<TextKey> & { readonly texts: Language };

export function chooseTexts(view: Window): Say {
	const page = new URLSearchParams(view.location.search).get("language");
	const wanted = [...(page ? [page] : []), ...view.navigator.languages];
	const language = pickLanguage(wanted, LANGUAGES, DEFAULT_LANGUAGE);
	const say = translator<TextKey>(regional(language, view.navigator.languages), TEXTS[language]);
	return Object.assign(say, { texts: language });
}
