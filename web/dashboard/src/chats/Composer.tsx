import "./Composer.css";
import { isComposing } from "@palique/ui/composition";
import { GrowingField } from "@palique/ui/GrowingField";
import { Icon } from "@palique/ui/Icon";
import { LimitNotice } from "@palique/ui/LimitNotice";
import type { RefObject } from "preact";
import { useCallback, useRef, useState } from "preact/hooks";
import { useShortcutHint } from "../keyboard/Kbd";
import { IconButton } from "../parts/Button";
import { useText } from "../texts/useText";
import type { Draft } from "../windows/ChatWindowsStore";
import { EmojiPicker } from "./EmojiPicker";
import { inserted } from "./emoji";
import { useDraft } from "./useDraft";
import { useRequestedFocus } from "./useRequestedFocus";

interface Props {
	conversation: string;
	/** True for a chat of another agent: only notes can be written. */
	notesOnly: boolean;
}

/** Text area of a chat (S-57): Enter sends, Shift+Enter adds a line. The draft survives closing the window. */
export function Composer({ conversation, notesOnly }: Props) {
	const t = useText();
	const area = useRef<HTMLTextAreaElement>(null);
	const { draft, limit, canSend, change, write, send } = useDraft(conversation, notesOnly, area);
	const emoji = useEmoji(draft, change, area);
	useRequestedFocus(conversation, area);
	return (
		<form
			class={draft.kind === "note" ? "composer composer-note" : "composer"}
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			<Words draft={draft} area={area} write={write} send={send} />
			{emoji.open ? <EmojiPicker insert={emoji.insert} close={emoji.close} /> : null}
			<div class="composer-tools">
				<IconButton
					icon="smile"
					label={t("emoji")}
					expanded={emoji.open}
					onClick={emoji.open ? emoji.close : emoji.show}
				/>
				{notesOnly ? null : <Kinds draft={draft} change={change} />}
				<span class="composer-space" />
				<LimitNotice text={draft.text} limit={limit} t={t} />
				<button
					type="submit"
					class="composer-send"
					disabled={!canSend}
					aria-label={t("send")}
					title={t("send")}
				>
					<Icon name="send" size={17} />
				</button>
			</div>
		</form>
	);
}

interface WordsProps {
	draft: Draft;
	area: RefObject<HTMLTextAreaElement | null>;
	write: (text: string) => void;
	send: () => void;
}

function Words({ draft, area, write, send }: WordsProps) {
	const t = useText();
	const name = t(draft.kind === "note" ? "write_note" : "write_message");
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
		event.preventDefault();
		send();
	};
	return (
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
	);
}

/** The picker of emoji, and what it does to the draft. */
function useEmoji(
	draft: Draft,
	change: (next: Partial<Draft>) => void,
	area: RefObject<HTMLTextAreaElement | null>,
) {
	const [open, setOpen] = useState(false);
	const close = useCallback(() => {
		setOpen(false);
		area.current?.focus();
	}, [area]);
	const insert = (one: string) => {
		const element = area.current;
		const end = draft.text.length;
		const put = inserted(draft.text, one, element?.selectionStart ?? end, element?.selectionEnd ?? end);
		change({ text: put.text });
		setOpen(false);
		// After the text was rendered: places the caret after the insertion.
		requestAnimationFrame(() => {
			element?.focus();
			element?.setSelectionRange(put.caret, put.caret);
		});
	};
	return { open, show: () => setOpen(true), close, insert };
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
