/** Language of the dashboard: the agent's choice in this browser, else the browser's language, else English. */
import { pickLanguage, regional, type Translate, translator } from "@palique/ui/i18n";
import { DEFAULT_LANGUAGE, LANGUAGES, type Language } from "@palique/ui/vocabulary";
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { BrowserStorage } from "../browserStorage";
import type { en } from "./en";
import { TEXTS } from "./languages.gen";

export type TextKey = keyof typeof en;
export type T = Translate<TextKey>;

declare module "../StoresContext" {
	interface Stores {
		language: LanguageStore;
	}
}

export class LanguageStore {
	readonly language: Signal<Language>;
	readonly t: ReadonlySignal<T>;

	constructor(storage: BrowserStorage, wanted: readonly string[], root: HTMLElement) {
		const stored = storage.read<string>("language");
		this.language = signal(pickLanguage(stored ? [stored] : wanted, LANGUAGES, DEFAULT_LANGUAGE));
		this.t = computed(() => translator(regional(this.language.value, wanted), TEXTS[this.language.value]));
		effect(() => {
			root.lang = this.language.value;
		});
		this.#storage = storage;
	}

	readonly #storage: BrowserStorage;

	choose(language: Language): void {
		this.#storage.write("language", language);
		this.language.value = language;
	}
}
