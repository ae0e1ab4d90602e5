import { needs, policyRules, type Rules } from "../kit/access/rules.ts";

/** The permission of each method. Source: https://cloud.google.com/secret-manager/docs/access-control */
export const RULES: Rules = {
  ...policyRules("secretmanager.secrets"),
  CreateSecret: needs("secretmanager.secrets.create", "parent"),
  GetSecret: needs("secretmanager.secrets.get", "name"),
  ListSecrets: needs("secretmanager.secrets.list", "parent"),
  DeleteSecret: needs("secretmanager.secrets.delete", "name"),
  AddSecretVersion: needs("secretmanager.versions.add", "parent"),
  GetSecretVersion: needs("secretmanager.versions.get", "name"),
  ListSecretVersions: needs("secretmanager.versions.list", "parent"),
  AccessSecretVersion: needs("secretmanager.versions.access", "name"),
  EnableSecretVersion: needs("secretmanager.versions.enable", "name"),
  DisableSecretVersion: needs("secretmanager.versions.disable", "name"),
  DestroySecretVersion: needs("secretmanager.versions.destroy", "name"),
};
