import { useStores } from "../StoresContext";

/** True on narrow (phone) screens. Style sheets have container queries of the screen for it. */
export function useNarrow(): boolean {
	return useStores().windows.narrow.value;
}
