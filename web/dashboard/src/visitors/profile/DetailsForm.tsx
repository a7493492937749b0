import type { Profile } from "../../api/shapes";
import { TextField } from "../../parts/TextField";
import { personName } from "../../texts/labels";
import { useText } from "../../texts/useText";
import { ProfileForm } from "./ProfileForm";
import { useProfileEdit } from "./useProfileEdit";

// The gateway's limits.
const NAME_LIMIT = 100;
const PHONE_LIMIT = 40;
const EMAIL_LIMIT = 254;

/** Name, e-mail and phone, edited in place (S-24, S-25, S-26). */
export function DetailsForm({ profile }: { profile: Profile }) {
	const t = useText();
	const edit = useProfileEdit(profile);
	return (
		<ProfileForm edit={edit}>
			<TextField
				label={t("field_name")}
				value={edit.value("name")}
				onValue={edit.type("name")}
				limit={NAME_LIMIT}
				error={edit.isBad("name") ? t("invisible_bad") : null}
				placeholder={profile.named === false ? personName(t, profile.name) : t("not_known")}
			/>
			<TextField
				label={t("field_email")}
				type="email"
				value={edit.value("email")}
				onValue={edit.type("email")}
				limit={EMAIL_LIMIT}
				placeholder={t("not_known")}
				error={edit.isBad("email") ? t("email_bad") : null}
			/>
			<TextField
				label={t("field_phone")}
				type="tel"
				value={edit.value("phone")}
				onValue={edit.type("phone")}
				limit={PHONE_LIMIT}
				placeholder={t("not_known")}
				error={edit.isBad("phone") ? t("phone_bad") : null}
			/>
		</ProfileForm>
	);
}
