import { type Chat, type ConversationState, type FoldedConversation, foldEntries } from "@palique/client";
import { isComposing } from "@palique/ui/composition";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ChatStore } from "./ChatStore";
import { Composer } from "./Composer";
import { ConnectionNotice } from "./ConnectionNotice";
import { EndDialog } from "./EndDialog";
import { Header } from "./Header";
import type { T } from "./language";
import type { NoticeStore } from "./NoticeStore";
import { threadsOf } from "./rows";
import { Transcript } from "./Transcript";

interface Props {
	store: ChatStore;
	notices: NoticeStore;
	open: boolean;
	t: T;
}

/** The content of the iframe. Escape closes the innermost open part. */
export function Panel({ store, notices, open, t }: Props) {
	const [ending, setEnding] = useState(false);
	const writing = useRef<HTMLTextAreaElement>(null);
	const conversation = runningConversation(store.chat);
	useWritingFocus(writing, store.openRequests);

	function leave(event: KeyboardEvent): void {
		if (event.key !== "Escape" || isComposing(event)) return;
		if (ending) stay();
		else store.minimise();
	}

	function stay(): void {
		setEnding(false);
		writing.current?.focus();
	}

	function end(): void {
		store.end();
		stay();
	}

	return (
		<main class="panel" onKeyDown={leave} inert={!open}>
			<Header
				store={store}
				conversation={conversation}
				onEnd={() => setEnding(true)}
				notices={notices}
				t={t}
			/>
			<Transcript store={store} open={open} t={t} />
			<ConnectionNotice link={store.link} off={store.off} onResume={() => store.resume()} t={t} />
			{ending && conversation && !store.off ? <EndDialog onEnd={end} onStay={stay} t={t} /> : null}
			{store.off ? null : <Composer store={store} field={writing} t={t} />}
		</main>
	);
}

/** The visitor's newest conversation, unless it is closed. */
function runningConversation(chat: Chat): FoldedConversation | ConversationState | null {
	const thread = threadsOf(chat).at(-1);
	const newest = thread && thread.log.last > 0 ? foldEntries(thread.log.entries) : thread?.state;
	return newest && newest.status !== "closed" ? newest : null;
}

/** Moves the focus to the text area at each of the visitor's requests to open the panel. */
function useWritingFocus(writing: RefObject<HTMLTextAreaElement | null>, openRequests: number): void {
	useEffect(() => {
		if (openRequests) writing.current?.focus();
	}, [openRequests]);

	// Safari lets a frame of another site take the focus only for a key or a click inside it: the first letter moves it.
	useLayoutEffect(() => {
		function pressed({ key, altKey, ctrlKey, metaKey }: KeyboardEvent): void {
			const free = document.activeElement === document.body;
			if (free && [...key].length === 1 && !altKey && !ctrlKey && !metaKey) writing.current?.focus();
		}
		document.addEventListener("keydown", pressed);
		return () => document.removeEventListener("keydown", pressed);
	}, []);
}
