import "./EditFoot.css";
import { Icon } from "@palique/ui/Icon";
import { Button } from "../parts/Button";
import { Clashes } from "../parts/Clashes";
import { useText } from "../stores";
import type { TextKey } from "../texts/LanguageStore";
import { problemText } from "../texts/problem";
import type { Field } from "./profile-edit";
import type { ProfileEdit } from "./useProfileEdit";

export const FIELD_TEXTS: Readonly<Record<Field, TextKey>> = {
	name: "field_name",
	email: "field_email",
	phone: "field_phone",
	bio: "field_bio",
};

/** Below a form: save, drop, and what stands in the way. */
export function EditFoot({ edit }: { edit: ProfileEdit }) {
	const t = useText();
	return (
		<>
			<Clashes
				clashes={edit.clashes.map((clash) => ({
					field: t(FIELD_TEXTS[clash.field]),
					mine: clash.mine || t("empty_value"),
					theirs: clash.theirs || t("empty_value"),
					keepMine: () => edit.settle(clash, true),
					keepTheirs: () => edit.settle(clash, false),
				}))}
			/>
			<div role="alert">
				{edit.problem ? (
					<p class="notice notice-danger small">
						<Icon name="warning" size={16} /> {problemText(t, edit.problem)}
					</p>
				) : null}
			</div>
			{edit.dirty && edit.clashes.length === 0 ? (
				<div class="edit-foot">
					<Button type="submit" kind="primary" small busy={edit.busy}>
						{t("save")}
					</Button>
					<Button small onClick={edit.revert}>
						{t("cancel")}
					</Button>
				</div>
			) : null}
		</>
	);
}
