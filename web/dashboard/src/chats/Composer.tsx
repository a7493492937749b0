import { hasVisibleText } from "@palique/ui/visible";
import "./Composer.css";
import { isComposing } from "@palique/ui/composition";
import { GrowingField } from "@palique/ui/GrowingField";
import { Icon } from "@palique/ui/Icon";
import { LimitNotice } from "@palique/ui/LimitNotice";
import { charactersLeft, cleanText } from "@palique/ui/writtenText";
import { useCallback, useRef, useState } from "preact/hooks";
import { useShortcutHint } from "../keyboard/Kbd";
import { IconButton } from "../parts/Button";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import type { Draft } from "../windows/ChatWindowsStore";
import { EmojiPicker } from "./EmojiPicker";
import { inserted } from "./emoji";
import { useRequestedFocus } from "./useRequestedFocus";

interface Props {
	conversation: string;
	/** True for a chat of another agent: only notes can be written. */
	notesOnly: boolean;
}

/** Text area of a chat (S-57): Enter sends, Shift+Enter adds a line. The draft survives closing the window. */
export function Composer({ conversation, notesOnly }: Props) {
	const { windows, conversations } = useStores();
	const t = useText();
	const area = useRef<HTMLTextAreaElement>(null);
	const kept = windows.draft(conversation);
	const draft: Draft = notesOnly ? { ...kept, kind: "note" } : kept;
	const limit = conversations.textLimit.value;
	const canSend = (text: string) => hasVisibleText(text) && charactersLeft(text, limit) >= 0;

	useRequestedFocus(conversation, area);

	const change = (next: Partial<Draft>) => windows.setDraft(conversation, { ...draft, ...next });
	const write = (text: string) => {
		change({ text });
		if (draft.kind === "message" && hasVisibleText(text)) conversations.typing(conversation);
	};
	const send = () => {
		// Read from the field: the last key press may not be rendered yet.
		const words = cleanText(area.current?.value ?? draft.text);
		if (!canSend(words)) return;
		conversations.write(conversation, words, draft.kind);
		change({ text: "" });
		windows.setScrollPosition(conversation, { at: "end" });
		area.current?.focus();
	};
	const [emoji, setEmoji] = useState(false);
	const closeEmoji = useCallback(() => {
		setEmoji(false);
		area.current?.focus();
	}, []);
	const insert = (one: string) => {
		const element = area.current;
		const end = draft.text.length;
		const put = inserted(draft.text, one, element?.selectionStart ?? end, element?.selectionEnd ?? end);
		change({ text: put.text });
		setEmoji(false);
		// After the text was rendered: places the caret after the insertion.
		requestAnimationFrame(() => {
			element?.focus();
			element?.setSelectionRange(put.caret, put.caret);
		});
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
		event.preventDefault();
		send();
	};
	const name = t(draft.kind === "note" ? "write_note" : "write_message");
	return (
		<form
			class={draft.kind === "note" ? "composer composer-note" : "composer"}
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			<GrowingField class="composer-text" text={draft.text || name}>
				<textarea
					ref={area}
					rows={1}
					dir="auto"
					aria-label={name}
					placeholder={name}
					value={draft.text}
					onInput={(event) => write(event.currentTarget.value)}
					onKeyDown={onKeyDown}
				/>
			</GrowingField>
			{emoji ? <EmojiPicker insert={insert} close={closeEmoji} /> : null}
			<div class="composer-tools">
				<IconButton
					icon="smile"
					label={t("emoji")}
					expanded={emoji}
					onClick={() => (emoji ? closeEmoji() : setEmoji(true))}
				/>
				{notesOnly ? null : <Kinds draft={draft} change={change} />}
				<span class="composer-space" />
				<LimitNotice text={draft.text} limit={limit} t={t} />
				<button
					type="submit"
					class="composer-send"
					disabled={!canSend(cleanText(draft.text))}
					aria-label={t("send")}
					title={t("send")}
				>
					<Icon name="send" size={17} />
				</button>
			</div>
		</form>
	);
}

const KINDS = [
	["message", "kind_reply", "reply"],
	["note", "kind_note", "note"],
] as const;

function Kinds({ draft, change }: { draft: Draft; change: (next: Partial<Draft>) => void }) {
	const t = useText();
	const hint = useShortcutHint();
	return (
		<fieldset class="composer-kinds">
			<legend class="visually-hidden">{t("write_as")}</legend>
			{KINDS.map(([kind, text, shortcut]) => (
				<button
					key={kind}
					type="button"
					class="composer-kind"
					{...hint(shortcut, t(text))}
					aria-pressed={draft.kind === kind}
					onClick={() => change({ kind })}
				>
					{t(text)}
				</button>
			))}
		</fieldset>
	);
}
