/** Language of the widget: that of the page, else the browser's. */
import { pickLanguage, regional, type Translate, translator } from "@palique/ui/i18n";
import { DEFAULT_LANGUAGE, LANGUAGES, type Language } from "@palique/ui/vocabulary";
import type { TextKey } from "../texts/en";
import { TEXTS } from "../texts/languages.gen";

/** `language` includes the region, for dates; `texts` is the key of the site's own texts. */
export type T = Translate<TextKey> & { readonly texts: Language };

export function chooseTexts(view: Window): T {
	const page = new URLSearchParams(view.location.search).get("language");
	const wanted = [...(page ? [page] : []), ...view.navigator.languages];
	const language = pickLanguage(wanted, LANGUAGES, DEFAULT_LANGUAGE);
	const t = translator<TextKey>(regional(language, view.navigator.languages), TEXTS[language]);
	return Object.assign(t, { texts: language });
}
