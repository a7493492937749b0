import { useStores } from "../StoresContext";
import type { T } from "./LanguageStore";

/** The texts in the agent's language; the component renders again when the language changes. */
export function useText(): T {
	return useStores().language.t.value;
}
