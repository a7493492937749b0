/** The language of this visitor: what the page is written in, else what the browser prefers. */
import { pickLanguage, type Translate, translator } from "@palique/ui/i18n";
import { en, type TextKey } from "../texts/en";
import { es } from "../texts/es";

const TEXTS = { en, es };

export type Say = Translate<TextKey>;

export function chooseTexts(view: Window): Say {
	const page = new URLSearchParams(view.location.search).get("language");
	const wanted = [...(page ? [page] : []), ...view.navigator.languages];
	const language = pickLanguage(wanted, ["en", "es"], "en");
	return translator<TextKey>(language, TEXTS[language]);
}
