import { hasVisibleText } from "@palique/ui/visible";
import { charactersLeft, cleanText } from "@palique/ui/writtenText";
import type { RefObject } from "preact";
import { useStores } from "../StoresContext";
import type { Draft } from "../windows/ChatWindowsStore";

/** What an agent writes to a conversation in a field, until it is sent. */
export function useDraft(
	conversation: string,
	notesOnly: boolean,
	area: RefObject<HTMLTextAreaElement | null>,
) {
	const { windows, conversations } = useStores();
	const kept = windows.draft(conversation);
	const draft: Draft = notesOnly ? { ...kept, kind: "note" } : kept;
	const limit = conversations.textLimit.value;
	const fits = (text: string) => hasVisibleText(text) && charactersLeft(text, limit) >= 0;

	const change = (next: Partial<Draft>) => windows.setDraft(conversation, { ...draft, ...next });
	const write = (text: string) => {
		change({ text });
		if (draft.kind === "message" && hasVisibleText(text)) conversations.typing(conversation);
	};
	const send = () => {
		// Read from the field: the last key press may not be rendered yet.
		const words = cleanText(area.current?.value ?? draft.text);
		if (!fits(words)) return;
		conversations.write(conversation, words, draft.kind);
		change({ text: "" });
		windows.setScrollPosition(conversation, { at: "end" });
		area.current?.focus();
	};
	return { draft, limit, canSend: fits(cleanText(draft.text)), change, write, send };
}
