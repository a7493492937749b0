import { hasVisibleText } from "@palique/ui/visible";
import { useRef, useState } from "preact/hooks";
import type { Ticket, TicketChanges } from "../api/shapes";
import { Button, IconButton } from "../parts/Button";
import { Form } from "../parts/Form";
import { TextField } from "../parts/TextField";
import { subjectText } from "../texts/labels";
import { useText } from "../texts/useText";

interface Props {
	ticket: Ticket;
	change: (changes: TicketChanges) => Promise<boolean>;
}

// The gateway's limit.
const LIMIT = 200;

/** Number and subject of the ticket; the subject can be edited. */
export function Subject({ ticket, change }: Props) {
	const t = useText();
	const [text, setText] = useState<string | null>(null);
	const [busy, setBusy] = useState(false);
	const input = useRef<HTMLInputElement>(null);
	const shown = subjectText(t, ticket.subject);
	if (text === null)
		return (
			<>
				<h1 class="cut" dir="auto">
					<span class="muted">#{ticket.number}</span> <bdi>{shown}</bdi>
				</h1>
				<IconButton
					icon="edit"
					label={t("subject_edit")}
					onClick={() => {
						setText(shown);
						requestAnimationFrame(() => input.current?.focus());
					}}
				/>
			</>
		);
	const save = async () => {
		const subject = text.trim();
		if (busy || !hasVisibleText(subject)) return;
		if (subject === shown) return setText(null);
		setBusy(true);
		const saved = await change({ subject });
		setBusy(false);
		if (saved) setText(null);
	};
	return (
		<Form class="subject" onSubmit={save}>
			<TextField
				label={t("ticket_subject")}
				hideLabel
				value={text}
				onValue={setText}
				limit={LIMIT}
				inputRef={input}
			/>
			<Button type="submit" kind="primary" busy={busy}>
				{t("save")}
			</Button>
			<Button onClick={() => setText(null)}>{t("cancel")}</Button>
		</Form>
	);
}
