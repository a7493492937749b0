/** State of one profile form: values, validation, conflicts, saving. */
import { useState } from "preact/hooks";
import type { Problem } from "../../api/http";
import type { Profile } from "../../api/shapes";
import { useStores } from "../../StoresContext";
import {
	type Conflict,
	changesOf,
	conflictsOf,
	type Edit,
	FIELDS,
	type Field,
	fieldValue,
	isGood,
	keepMine,
	NO_EDIT,
	withoutField,
	withText,
} from "./profileEdit";

export function useProfileEdit(profile: Profile) {
	const [edit, setEdit] = useState<Edit>(NO_EDIT);
	const { conflicts, setConflicts, problem, busy, save, forget } = useProfileSave(profile, setEdit);
	const isBad = (field: Field) => field in edit && !isGood(field, fieldValue(edit, profile, field));

	const submit = async (wanted: Edit) => {
		if (!FIELDS.some(isBad)) await save(wanted);
	};
	const resolve = (conflict: Conflict, mine: boolean) => {
		const next = mine ? keepMine(edit, profile, conflict.field) : withoutField(edit, conflict.field);
		const rest = conflicts.filter((other) => other !== conflict);
		setEdit(next);
		setConflicts(rest);
		if (rest.length === 0) void submit(next);
	};

	return {
		value: (field: Field) => fieldValue(edit, profile, field),
		type: (field: Field) => (text: string) => setEdit((before) => withText(before, profile, field, text)),
		dirty: Object.keys(edit).length > 0,
		isBad,
		busy,
		problem,
		conflicts,
		save: () => void submit(edit),
		revert: () => {
			setEdit(NO_EDIT);
			forget();
		},
		resolve,
	};
}

/** Saves an edit and empties it, or finds what it conflicts with. */
function useProfileSave(profile: Profile, setEdit: (edit: Edit) => void) {
	const { profiles } = useStores();
	const [problem, setProblem] = useState<Problem | null>(null);
	const [conflicts, setConflicts] = useState<readonly Conflict[]>([]);
	const [busy, setBusy] = useState(false);

	/** If only others' fields changed, there is no conflict: writes once more over the newer version. */
	const write = async (wanted: Edit, over: Profile, again: boolean): Promise<void> => {
		const changes = changesOf(wanted, over);
		if (!changes) return setEdit(NO_EDIT);
		const answer = await profiles.edit(profile.visitor, over.version, changes);
		if (answer.saved) return setEdit(NO_EDIT);
		if (!answer.current) return setProblem(answer.problem);
		const found = conflictsOf(wanted, answer.current);
		if (found.length === 0 && again) return write(wanted, answer.current, false);
		setConflicts(found);
		if (found.length === 0) setProblem(answer.problem);
	};
	const save = async (wanted: Edit) => {
		if (busy) return;
		setProblem(null);
		setBusy(true);
		// The live update may already have brought others' changes: ask before overwriting them.
		const found = conflictsOf(wanted, profile);
		setConflicts(found);
		if (found.length === 0) await write(wanted, profile, true);
		setBusy(false);
	};
	const forget = () => {
		setConflicts([]);
		setProblem(null);
	};
	return { conflicts, setConflicts, problem, busy, save, forget };
}

export type ProfileEdit = ReturnType<typeof useProfileEdit>;
