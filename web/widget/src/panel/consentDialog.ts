/**
 * Asks for consent (W-08): the chat button, and on a click a question with two answers. Before *yes* nothing is stored in the
 * browser or sent. *No* closes the question; the next page asks again.
 */
import { isComposing } from "@palique/ui/composition";
import { pickLanguage } from "@palique/ui/i18n";
import { DEFAULT_LANGUAGE, LANGUAGES } from "@palique/ui/vocabulary";
import type { SiteSettings } from "../bridge";
import { makeLauncher } from "../loader/launcher";
import { CONSENT_TEXTS } from "../texts/languages.gen";
import css from "./consentDialog.css?inline";
import { addSheet } from "./styleSheets";

/** Removed when `agreed` resolves, here or by the site's own banner. */
export function showConsentDialog(language: string, site: SiteSettings, agreed: Promise<void>): void {
	const { host, root, button } = makeLauncher(site);
	const chosen = pickLanguage([language, ...navigator.languages], LANGUAGES, DEFAULT_LANGUAGE);
	const texts = CONSENT_TEXTS[chosen];
	addSheet(root, css.replaceAll("right:", `${site.position}:`));
	button.ariaLabel = texts.open;
	button.ariaExpanded = "false";

	const question = document.createElement("section");
	const words = document.createElement("p");
	const yes = document.createElement("button");
	const no = document.createElement("button");
	question.hidden = true;
	question.role = "dialog";
	question.ariaLabel = texts.title;
	question.lang = chosen;
	words.textContent = texts.sentence;
	yes.textContent = texts.yes;
	no.textContent = texts.no;
	question.append(words, yes, no);
	root.append(question);

	function show(open: boolean): void {
		question.hidden = !open;
		button.ariaExpanded = `${open}`;
		(open ? yes : button).focus();
	}

	button.onclick = () => show(!!question.hidden);
	no.onclick = () => show(false);
	yes.onclick = () => {
		Palique.consent();
		Palique.open();
	};
	host.addEventListener("keydown", (event) => {
		if (event.key === "Escape" && !isComposing(event)) show(false);
	});
	agreed.then(() => host.remove());
}

declare const Palique: { consent(): void; open(): void };
