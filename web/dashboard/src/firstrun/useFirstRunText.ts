import { type Texts, type Translate, translator } from "@palique/ui/i18n";
import type { Language } from "@palique/ui/vocabulary";
import { useMemo } from "preact/hooks";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { en } from "./en";
import { es } from "./es";

type FirstRunKey = keyof typeof en;

const TEXTS: Readonly<Record<Language, Texts<FirstRunKey>>> = { en, es };

/** The texts of the first run in the agent's language. They are loaded with its pages, which few agents open. */
export function useFirstRunText(): Translate<FirstRunKey> {
	const { language } = useStores();
	const t = useText();
	const texts = TEXTS[language.language.value];
	return useMemo(() => translator(t.language, texts), [t, texts]);
}
