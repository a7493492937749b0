// Generated from kit/vocabulary.py by `make generate`.
import type { Language } from "@palique/ui/vocabulary";
import * as en from "./en";
import * as es from "./es";

export const TEXTS: Readonly<Record<Language, Readonly<Record<keyof typeof en.en, string>>>> = { en: en.en, es: es.es };

export const CONSENT_TEXTS: Readonly<Record<Language, Readonly<Record<keyof typeof en.consent, string>>>> = { en: en.consent, es: es.consent };
