import { hasVisibleText } from "@palique/ui/visible";
import { useEffect, useRef, useState } from "preact/hooks";
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
	const [editing, setEditing] = useState(false);
	if (editing) return <SubjectForm ticket={ticket} change={change} done={() => setEditing(false)} />;
	return (
		<>
			<h1 class="cut" dir="auto">
				<span class="muted">#{ticket.number}</span> <bdi>{subjectText(t, ticket.subject)}</bdi>
			</h1>
			<IconButton icon="edit" label={t("subject_edit")} onClick={() => setEditing(true)} />
		</>
	);
}

function SubjectForm({ ticket, change, done }: Props & { done: () => void }) {
	const t = useText();
	const shown = subjectText(t, ticket.subject);
	const [text, setText] = useState(shown);
	const [busy, setBusy] = useState(false);
	const input = useRef<HTMLInputElement>(null);
	useEffect(() => input.current?.focus(), []);
	const save = async () => {
		const subject = text.trim();
		if (busy || !hasVisibleText(subject)) return;
		if (subject === shown) return done();
		setBusy(true);
		const saved = await change({ subject });
		setBusy(false);
		if (saved) done();
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
			<Button onClick={done}>{t("cancel")}</Button>
		</Form>
	);
}
