/** The language of the dashboard: the agent's choice on this machine, else the browser's, else English. */
import { pickLanguage, regional, type Translate, translator } from "@palique/ui/i18n";
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { BrowserStorage } from "../browserStorage";
import { en } from "./en";
import { es } from "./es";

export type TextKey = keyof typeof en;
export type T = Translate<TextKey>;

const TEXTS = { en, es } as const;
export const LANGUAGES = ["en", "es"] as const;
export type Language = (typeof LANGUAGES)[number];

// In its own language: who looks for it may not read the present one.
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", es: "Español" };

export class LanguageStore {
	readonly language: Signal<Language>;
	readonly t: ReadonlySignal<T>;

	constructor(keep: BrowserStorage, wanted: readonly string[], root: HTMLElement) {
		const kept = keep.read<string>("language");
		this.language = signal(pickLanguage(kept ? [kept] : wanted, LANGUAGES, "en"));
		this.t = computed(() => translator(regional(this.language.value, wanted), TEXTS[this.language.value]));
		effect(() => {
			root.lang = this.language.value;
		});
		this.#keep = keep;
	}

	readonly #keep: BrowserStorage;

	choose(language: Language): void {
		this.#keep.write("language", language);
		this.language.value = language;
	}
}
