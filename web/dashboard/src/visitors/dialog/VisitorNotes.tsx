import { hasVisibleText } from "@palique/ui/visible";
import { useRef, useState } from "preact/hooks";
import type { Problem } from "../../api/http";
import type { Profile } from "../../api/shapes";
import { Button } from "../../parts/Button";
import { Form } from "../../parts/Form";
import { ProblemMessage } from "../../parts/ProblemMessage";
import { TextField } from "../../parts/TextField";
import { useStores } from "../../StoresContext";
import { useText } from "../../texts/useText";
import { NOTE_LIMIT, VisitorNote } from "./VisitorNote";

/** Notes on a visitor, newest first; only agents see them (S-27). */
export function VisitorNotes({ profile }: { profile: Profile }) {
	const { profiles } = useStores();
	const t = useText();
	const [text, setText] = useState("");
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<Problem | null>(null);
	// Same id until the note is stored: a retry after a lost answer adds it once.
	const clientId = useRef(crypto.randomUUID());

	const add = async () => {
		if (busy || !hasVisibleText(text)) return;
		setBusy(true);
		const refused = await profiles.addNote(profile.visitor, clientId.current, text.trim());
		setBusy(false);
		setProblem(refused);
		if (refused) return;
		clientId.current = crypto.randomUUID();
		setText("");
	};
	const newestFirst = [...profile.notes].sort((one, other) => other.at.localeCompare(one.at));
	return (
		<div class="notes">
			<Form class="facts-form" onSubmit={add}>
				<TextField
					label={t("note_new")}
					hideLabel
					lines={2}
					value={text}
					onValue={setText}
					limit={NOTE_LIMIT}
					placeholder={t("note_new")}
				/>
				<ProblemMessage small problem={problem} />
				{hasVisibleText(text) ? (
					<div>
						<Button type="submit" kind="primary" small busy={busy}>
							{t("note_add")}
						</Button>
					</div>
				) : null}
			</Form>
			<ul class="notes-list">
				{newestFirst.map((note) => (
					<li key={note.id} class="notes-one">
						<VisitorNote visitor={profile.visitor} note={note} />
					</li>
				))}
			</ul>
			{newestFirst.length === 0 ? <p class="muted small">{t("notes_none")}</p> : null}
		</div>
	);
}
