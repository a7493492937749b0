import type { Profile } from "../../api/shapes";
import { TextField } from "../../parts/TextField";
import { personName } from "../../texts/labels";
import { useText } from "../../texts/useText";
import { ProfileForm } from "./ProfileForm";
import { useProfileEdit } from "./useProfileEdit";

// The gateway's limits.
const LONGEST_NAME = 100;
const LONGEST_PHONE = 40;
const LONGEST_EMAIL = 254;

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
				maxLength={LONGEST_NAME}
				error={edit.isBad("name") ? t("invisible_bad") : null}
				placeholder={profile.named === false ? personName(t, profile.name) : t("not_known")}
			/>
			<TextField
				label={t("field_email")}
				type="email"
				value={edit.value("email")}
				onValue={edit.type("email")}
				maxLength={LONGEST_EMAIL}
				placeholder={t("not_known")}
				error={edit.isBad("email") ? t("email_bad") : null}
			/>
			<TextField
				label={t("field_phone")}
				type="tel"
				value={edit.value("phone")}
				onValue={edit.type("phone")}
				maxLength={LONGEST_PHONE}
				placeholder={t("not_known")}
				error={edit.isBad("phone") ? t("phone_bad") : null}
			/>
		</ProfileForm>
	);
}
