import { useStores } from "../StoresContext";

/** True if the page is at most `width` (unit of `ScreenSize`) wide: on a phone, and beside open chats. Style sheets have container queries for it. */
export function usePageNarrow(width: number): boolean {
	return useStores().windows.screenLayout.value.pageWidth <= width;
}
