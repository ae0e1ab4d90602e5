/** The services that the local cloud starts with. */
export const SAMPLES = ["msp-testbed", "parcel-tracker", "approval-demo"] as const;
