import { type Texts, type Translate, translator } from "@palique/ui/i18n";
import type { Language } from "@palique/ui/vocabulary";
import { useMemo } from "preact/hooks";
import { useStores } from "../../StoresContext";
import { useText } from "../../texts/useText";
import { en } from "./en";
import { es } from "./es";

type MailKey = keyof typeof en;

const TEXTS: Readonly<Record<Language, Texts<MailKey>>> = { en, es };

/** The texts of mail in the agent's language, loaded with the parts that show them. */
export function useMailText(): Translate<MailKey> {
	const { language } = useStores();
	const t = useText();
	const texts = TEXTS[language.language.value];
	return useMemo(() => translator(t.language, texts), [t, texts]);
}
