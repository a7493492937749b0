import "./EditFoot.css";
import { Icon } from "@palique/ui/Icon";
import { Button } from "../parts/Button";
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
			<Clashes edit={edit} />
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

/** Both values side by side; a person decides (S-59). */
function Clashes({ edit }: { edit: ProfileEdit }) {
	const t = useText();
	return (
		<div role="alert">
			{edit.clashes.length > 0 ? (
				<div class="clashes">
					<p>
						<Icon name="warning" size={16} /> {t("clash_title")}
					</p>
					{edit.clashes.map((clash) => (
						<div key={clash.field} class="clash">
							<span class="clash-field">{t(FIELD_TEXTS[clash.field])}</span>
							<div class="clash-side">
								<span class="small">{t("clash_mine")}</span>
								<p class="words">{clash.mine || t("empty_value")}</p>
								<Button small onClick={() => edit.settle(clash, true)}>
									{t("clash_keep_mine")}
								</Button>
							</div>
							<div class="clash-side">
								<span class="small">{t("clash_theirs")}</span>
								<p class="words">{clash.theirs || t("empty_value")}</p>
								<Button small onClick={() => edit.settle(clash, false)}>
									{t("clash_keep_theirs")}
								</Button>
							</div>
						</div>
					))}
				</div>
			) : null}
		</div>
	);
}
