import type { Profile } from "../../api/shapes";
import { TextField } from "../../parts/TextField";
import { useText } from "../../texts/useText";
import { ProfileForm } from "./ProfileForm";
import { useProfileEdit } from "./useProfileEdit";

// The gateway's limit.
const LIMIT = 4_000;

/** Bio of a visitor, edited in place (S-58, S-59). */
export function BioForm({ profile }: { profile: Profile }) {
	const t = useText();
	const edit = useProfileEdit(profile);
	return (
		<ProfileForm edit={edit}>
			<TextField
				label={t("field_bio")}
				hideLabel
				lines={3}
				value={edit.value("bio")}
				onValue={edit.type("bio")}
				limit={LIMIT}
				placeholder={t("bio_placeholder")}
				error={edit.isBad("bio") ? t("invisible_bad") : null}
			/>
		</ProfileForm>
	);
}
