import type { ComponentChildren } from "preact";
import { Form } from "../../parts/Form";
import type { TextKey } from "../../texts/LanguageStore";
import { useText } from "../../texts/useText";
import { EditFoot } from "./EditFoot";
import type { Field } from "./profileEdit";
import type { ProfileEdit } from "./useProfileEdit";

const fieldKey = (field: Field): TextKey => `field_${field}`;

/** Fields of a profile, edited in place. Save and Cancel appear with the first change. */
export function ProfileForm({ edit, children }: { edit: ProfileEdit; children: ComponentChildren }) {
	const t = useText();
	const conflicts = edit.conflicts.map((conflict) => ({
		field: t(fieldKey(conflict.field)),
		mine: conflict.mine || t("empty_value"),
		theirs: conflict.theirs || t("empty_value"),
		keepMine: () => edit.resolve(conflict, true),
		keepTheirs: () => edit.resolve(conflict, false),
	}));
	return (
		<Form class="facts-form" onSubmit={edit.save}>
			{children}
			<EditFoot
				conflicts={conflicts}
				problem={edit.problem}
				untouched={!edit.dirty}
				busy={edit.busy}
				cancel={edit.revert}
			/>
		</Form>
	);
}
