import tseslint from "typescript-eslint";

/** The layers of docs/architecture.md: who may import whom. */
function layer(files, forbidden, why) {
  return {
    files,
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ group: forbidden, message: why }] }],
    },
  };
}

export default tseslint.config(
  { ignores: ["node_modules/", ".lab/", "lab/toolchain/**/*.js", "bin/"] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { project: "./tsconfig.check.json" } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
    },
  },
  { files: ["**/*.{js,mjs,cjs}"], ...tseslint.configs.disableTypeChecked },
  layer(
    ["components/render/**"],
    ["@pulumi/*", "**/lab/**", "../remote/*"],
    "Renderers are pure: plain values in, text out.",
  ),
  layer(
    ["config/**"],
    ["**/components/**", "**/lab/**", "@pulumi/command", "@pulumi/tls", "@pulumi/random"],
    "config knows the stack file and nothing else.",
  ),
  layer(
    ["components/*.ts", "components/remote/**"],
    ["**/lab/**"],
    "The product never knows the lab.",
  ),
);
