import { useStores } from "../StoresContext";

/** True if the page is at most `width` pixels wide: on a phone, and beside open chats. Style sheets have container queries for it. */
export function usePageNarrow(width: number): boolean {
	return useStores().windows.screenLayout.value.pageWidth <= width;
}
