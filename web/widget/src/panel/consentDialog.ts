/**
 * Asks for consent (W-08): the chat button, and on a click a question with two answers. Before *yes* nothing is stored in the
 * browser or sent. *No* closes the question; the next page asks again.
 */
import type { Call } from "@palique/loader";
import { isComposing } from "@palique/ui/composition";
import { pickLanguage } from "@palique/ui/i18n";
import { DEFAULT_LANGUAGE, LANGUAGES, type Language } from "@palique/ui/vocabulary";
import type { SiteSettings } from "../bridge";
import { makeLauncher } from "../loader/launcher";
import { CONSENT_TEXTS } from "../texts/languages.gen";
import css from "./consentDialog.css?inline";
import { addSheet } from "./styleSheets";

/** Removed when `agreed` resolves, here or by the site's own banner. Returns what reacts to calls of the page meanwhile. */
export function showConsentDialog(
	language: string,
	site: SiteSettings,
	tag: DOMStringMap,
	agreed: Promise<void>,
): (call: Call) => void {
	const { host, root, button } = makeLauncher(site, tag);
	const chosen = pickLanguage([language, ...navigator.languages], LANGUAGES, DEFAULT_LANGUAGE);
	const { question, yes, no } = makeQuestion(chosen);
	let { hidden } = host;
	addSheet(root, css.replaceAll("right:", `${tag.position ?? site.position}:`));
	button.ariaLabel = CONSENT_TEXTS[chosen].open;
	button.ariaExpanded = "false";
	root.append(question);

	function show(open: boolean): void {
		question.hidden = !open;
		// The question shows where the page hides the button, too.
		host.hidden = hidden && !open;
		button.ariaExpanded = `${open}`;
		(open ? yes : button).focus();
	}

	button.onclick = () => show(!!question.hidden);
	no.onclick = () => show(false);
	host.addEventListener("keydown", (event) => {
		if (event.key === "Escape" && !isComposing(event)) show(false);
	});
	agreed.then(() => host.remove());
	return ([name]) => {
		if (name === "show" || name === "hide") hidden = name === "hide";
		host.hidden = hidden && !!question.hidden;
		if (name === "open") show(true);
		if (name === "close" && !question.hidden) show(false);
	};
}

/** The question with its two answers. *Yes* also opens the chat. */
function makeQuestion(language: Language) {
	const texts = CONSENT_TEXTS[language];
	const question = document.createElement("section");
	const words = document.createElement("p");
	const yes = document.createElement("button");
	const no = document.createElement("button");
	question.hidden = true;
	question.role = "dialog";
	question.ariaLabel = texts.title;
	question.lang = language;
	words.textContent = texts.sentence;
	yes.textContent = texts.yes;
	no.textContent = texts.no;
	question.append(words, yes, no);
	yes.onclick = () => {
		Palique.consent();
		Palique.open();
	};
	return { question, yes, no };
}

declare const Palique: { consent(): void; open(): void };
