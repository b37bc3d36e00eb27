-- "Excellent Evolution": the tables that Prisma Migrate makes of schema.prisma
-- (the file beside this one, provider mysql) in an empty database.  Only the
-- line breaks are ours, so that a test meets what an application really has;
-- when schema.prisma changes, render it anew instead of editing here.
-- Creates them in the current database.

SET NAMES utf8mb4;

CREATE TABLE `users` (
    `id` VARCHAR(191) NOT NULL,
    `name` VARCHAR(191) NULL,
    `email` VARCHAR(191) NOT NULL,
    `email_verified` DATETIME(3) NULL,
    `image` TEXT NULL,
    `password_hash` VARCHAR(255) NULL,
    `role` ENUM('USER', 'COACH', 'admin', 'super user') NOT NULL DEFAULT 'USER',
    `previous_role` ENUM('USER', 'COACH', 'admin', 'super user') NULL,
    `is_active` BOOLEAN NOT NULL DEFAULT true,
    `is_beta` BOOLEAN NOT NULL DEFAULT false,
    `locale` VARCHAR(10) NOT NULL DEFAULT 'de-CH',
    `login_count` INTEGER UNSIGNED NOT NULL DEFAULT 0,
    `birth_year` YEAR NULL,
    `birth_date` DATE NULL,
    `wake_up_at` TIME(0) NULL,
    `avatar` LONGBLOB NULL,
    `preferences` JSON NULL,
    `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updated_at` DATETIME(3) NOT NULL,
    `deleted_at` DATETIME(0) NULL,
    `mentor_id` VARCHAR(191) NULL,

    UNIQUE INDEX `users_email_key`(`email`),
    INDEX `users_role_is_active_idx`(`role`, `is_active`),
    INDEX `users_created_at_idx`(`created_at` DESC),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `Account` (
    `id` VARCHAR(191) NOT NULL,
    `userId` VARCHAR(191) NOT NULL,
    `type` VARCHAR(191) NOT NULL,
    `provider` VARCHAR(191) NOT NULL,
    `providerAccountId` VARCHAR(191) NOT NULL,
    `refresh_token` TEXT NULL,
    `access_token` TEXT NULL,
    `expires_at` INTEGER NULL,
    `token_type` VARCHAR(191) NULL,
    `scope` VARCHAR(191) NULL,
    `id_token` MEDIUMTEXT NULL,
    `session_state` VARCHAR(191) NULL,

    UNIQUE INDEX `Account_provider_providerAccountId_key`(`provider`, `providerAccountId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `Session` (
    `id` VARCHAR(191) NOT NULL,
    `sessionToken` VARCHAR(191) NOT NULL,
    `userId` VARCHAR(191) NOT NULL,
    `expires` DATETIME(3) NOT NULL,

    UNIQUE INDEX `Session_sessionToken_key`(`sessionToken`),
    INDEX `Session_userId_idx`(`userId`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `VerificationToken` (
    `identifier` VARCHAR(191) NOT NULL,
    `token` VARCHAR(191) NOT NULL,
    `expires` DATETIME(3) NOT NULL,

    UNIQUE INDEX `VerificationToken_token_key`(`token`),
    UNIQUE INDEX `VerificationToken_identifier_token_key`(`identifier`, `token`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `assessments` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `uuid` CHAR(36) NOT NULL,
    `title` VARCHAR(200) NOT NULL,
    `description` TEXT NULL,
    `intro` TINYTEXT NULL,
    `body` LONGTEXT NULL,
    `version` SMALLINT NOT NULL DEFAULT 1,
    `difficulty` TINYINT NOT NULL DEFAULT 3,
    `weight` TINYINT UNSIGNED NOT NULL DEFAULT 10,
    `points` SMALLINT UNSIGNED NOT NULL DEFAULT 100,
    `views` MEDIUMINT NOT NULL DEFAULT 0,
    `reach` MEDIUMINT UNSIGNED NOT NULL DEFAULT 0,
    `pass_score` DECIMAL(5, 2) NOT NULL DEFAULT 66.67,
    `price` DECIMAL(10, 2) NOT NULL DEFAULT 0,
    `exact` DECIMAL(65, 30) NULL,
    `ratio` DOUBLE NOT NULL DEFAULT 0.5,
    `ratio32` FLOAT NULL,
    `published` BOOLEAN NOT NULL DEFAULT false,
    `flags` BIT(8) NULL,
    `only_bit` BIT(1) NULL,
    `settings` JSON NOT NULL,
    `author_id` VARCHAR(191) NULL,
    `published_at` TIMESTAMP(0) NULL,
    `created_at` DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    `updated_at` TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),

    UNIQUE INDEX `assessments_uuid_key`(`uuid`),
    INDEX `assessments_title_idx`(`title`(50)),
    FULLTEXT INDEX `assessments_title_description_idx`(`title`, `description`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `questions` (
    `id` INTEGER UNSIGNED NOT NULL AUTO_INCREMENT,
    `assessment_id` INTEGER NOT NULL,
    `position` INTEGER NOT NULL DEFAULT 0,
    `type` ENUM('SINGLE_CHOICE', 'MULTI_CHOICE', 'SCALE', 'FREE_TEXT') NOT NULL DEFAULT 'SINGLE_CHOICE',
    `prompt` TEXT NOT NULL,
    `options` JSON NULL,
    `required` BOOLEAN NOT NULL DEFAULT true,

    UNIQUE INDEX `uq_question_position`(`assessment_id`, `position`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `answers` (
    `id` BIGINT NOT NULL AUTO_INCREMENT,
    `question_id` INTEGER UNSIGNED NOT NULL,
    `user_id` VARCHAR(191) NOT NULL,
    `value` TEXT NULL,
    `score` DECIMAL(6, 3) NULL,
    `confidence` DOUBLE NULL,
    `duration_ms` BIGINT UNSIGNED NULL,
    `raw` VARBINARY(64) NULL,
    `digest` BINARY(16) NULL,
    `answered_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),

    INDEX `ix_answer_user_time`(`user_id`, `answered_at` DESC),
    UNIQUE INDEX `answers_question_id_user_id_key`(`question_id`, `user_id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `plans` (
    `id` VARCHAR(191) NOT NULL,
    `title` VARCHAR(191) NOT NULL DEFAULT 'It''s a "plan"',
    `status` ENUM('DRAFT', 'ACTIVE', 'PAUSED', 'done-ok') NOT NULL DEFAULT 'DRAFT',
    `last_state` ENUM('DRAFT', 'ACTIVE', 'PAUSED', 'done-ok') NULL,
    `owner_id` VARCHAR(191) NOT NULL,
    `coach_id` VARCHAR(191) NULL,
    `budget` DECIMAL(12, 4) NULL,
    `starts_on` DATE NULL,
    `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `updated_at` DATETIME(3) NOT NULL,

    INDEX `plans_owner_id_status_idx`(`owner_id`, `status`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `plan_items` (
    `plan_id` VARCHAR(191) NOT NULL,
    `position` INTEGER NOT NULL,
    `title` VARCHAR(191) NOT NULL,
    `done` BOOLEAN NOT NULL DEFAULT false,
    `due_at` DATETIME(3) NULL,
    `notes` VARCHAR(500) NOT NULL DEFAULT '',
    `meta` JSON NULL,

    PRIMARY KEY (`plan_id`, `position`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `plan_steps` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `plan_id` VARCHAR(191) NOT NULL,
    `position` INTEGER NOT NULL,
    `text` VARCHAR(191) NOT NULL,

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `ai_conversations` (
    `id` CHAR(36) NOT NULL,
    `user_id` VARCHAR(191) NOT NULL,
    `title` VARCHAR(191) NULL,
    `model` VARCHAR(64) NOT NULL DEFAULT 'gpt-4o',
    `params` JSON NOT NULL,
    `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `ai_messages` (
    `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    `conversation_id` CHAR(36) NOT NULL,
    `role` ENUM('system', 'user', 'assistant', 'tool') NOT NULL,
    `content` LONGTEXT NOT NULL,
    `tokens` INTEGER NULL,
    `cost_usd` DECIMAL(18, 9) NULL,
    `tool_calls` JSON NULL,
    `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),

    INDEX `ai_messages_conversation_id_created_at_idx`(`conversation_id`, `created_at`),
    FULLTEXT INDEX `ai_messages_content_idx`(`content`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `subscriptions` (
    `id` VARCHAR(36) NOT NULL DEFAULT (uuid()),
    `user_id` VARCHAR(191) NOT NULL,
    `tier` ENUM('FREE', 'PRO', 'ENTERPRISE') NOT NULL DEFAULT 'FREE',
    `stripe_customer_id` VARCHAR(191) NULL,
    `current_period_end` DATETIME(3) NULL,
    `seats` INTEGER NOT NULL DEFAULT (1 + 2),
    `started_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),

    UNIQUE INDEX `subscriptions_user_id_key`(`user_id`),
    UNIQUE INDEX `subscriptions_stripe_customer_id_key`(`stripe_customer_id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `audit_logs` (
    `id` BIGINT NOT NULL AUTO_INCREMENT,
    `actor_id` VARCHAR(191) NULL,
    `action` VARCHAR(64) NOT NULL,
    `entity` VARCHAR(191) NOT NULL,
    `entity_id` VARCHAR(191) NOT NULL,
    `before` JSON NULL,
    `after` JSON NULL,
    `ip` VARBINARY(16) NULL,
    `at` DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),

    INDEX `audit_logs_entity_entity_id_idx`(`entity`, `entity_id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `tags` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `slug` VARCHAR(80) NOT NULL,
    `label` VARCHAR(191) NOT NULL,
    `color` CHAR(7) NOT NULL DEFAULT '#ffffff',

    UNIQUE INDEX `tags_slug_key`(`slug`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `Team` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `name` VARCHAR(191) NOT NULL,

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `TeamMember` (
    `teamId` INTEGER NOT NULL,
    `userId` VARCHAR(191) NOT NULL,
    `role` ENUM('USER', 'COACH', 'admin', 'super user') NOT NULL DEFAULT 'COACH',
    `joinedAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),

    PRIMARY KEY (`teamId`, `userId`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `AVeryLongModelNameThatIsUsedToOverflowTheIdentifierLimitOfPg` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `anotherVeryLongColumnNameToBeIndexed` VARCHAR(191) NOT NULL DEFAULT 'ü'' "x"',
    `uniqueLongColumnNameForTruncation` INTEGER NOT NULL DEFAULT -7,
    `big` BIGINT NOT NULL DEFAULT 9007199254740993,
    `dec` DECIMAL(65, 30) NOT NULL DEFAULT 1.5,
    `flt` DOUBLE NOT NULL DEFAULT 0.001,
    `yes` BOOLEAN NOT NULL DEFAULT true,
    `at` DATETIME(3) NOT NULL DEFAULT '2020-02-29 12:34:56.789',
    `raw` LONGBLOB NULL,
    `tinyText` TINYTEXT NOT NULL DEFAULT ('t'),

    UNIQUE INDEX `AVeryLongModelNameThatIsUsedToOverflowTheIdentifierLimitOfPg_key`(`uniqueLongColumnNameForTruncation`),
    INDEX `AVeryLongModelNameThatIsUsedToOverflowTheIdentifierLimitOfPg_idx`(`anotherVeryLongColumnNameToBeIndexed`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

ALTER TABLE `users`
    ADD CONSTRAINT `users_mentor_id_fkey`
    FOREIGN KEY (`mentor_id`)
    REFERENCES `users`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE `Account`
    ADD CONSTRAINT `Account_userId_fkey`
    FOREIGN KEY (`userId`)
    REFERENCES `users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `Session`
    ADD CONSTRAINT `Session_userId_fkey`
    FOREIGN KEY (`userId`)
    REFERENCES `users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `assessments`
    ADD CONSTRAINT `assessments_author_id_fkey`
    FOREIGN KEY (`author_id`)
    REFERENCES `users`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE `questions`
    ADD CONSTRAINT `questions_assessment_id_fkey`
    FOREIGN KEY (`assessment_id`)
    REFERENCES `assessments`(`id`) ON DELETE CASCADE ON UPDATE RESTRICT;

ALTER TABLE `answers`
    ADD CONSTRAINT `fk_answer_question`
    FOREIGN KEY (`question_id`)
    REFERENCES `questions`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `answers`
    ADD CONSTRAINT `answers_user_id_fkey`
    FOREIGN KEY (`user_id`)
    REFERENCES `users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `plans`
    ADD CONSTRAINT `plans_owner_id_fkey`
    FOREIGN KEY (`owner_id`)
    REFERENCES `users`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE `plans`
    ADD CONSTRAINT `plans_coach_id_fkey`
    FOREIGN KEY (`coach_id`)
    REFERENCES `users`(`id`) ON DELETE NO ACTION ON UPDATE NO ACTION;

ALTER TABLE `plan_items`
    ADD CONSTRAINT `plan_items_plan_id_fkey`
    FOREIGN KEY (`plan_id`)
    REFERENCES `plans`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `plan_steps`
    ADD CONSTRAINT `plan_steps_plan_id_position_fkey`
    FOREIGN KEY (`plan_id`, `position`)
    REFERENCES `plan_items`(`plan_id`, `position`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `ai_conversations`
    ADD CONSTRAINT `ai_conversations_user_id_fkey`
    FOREIGN KEY (`user_id`)
    REFERENCES `users`(`id`) ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE `ai_messages`
    ADD CONSTRAINT `ai_messages_conversation_id_fkey`
    FOREIGN KEY (`conversation_id`)
    REFERENCES `ai_conversations`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `subscriptions`
    ADD CONSTRAINT `subscriptions_user_id_fkey`
    FOREIGN KEY (`user_id`)
    REFERENCES `users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `audit_logs`
    ADD CONSTRAINT `audit_logs_actor_id_fkey`
    FOREIGN KEY (`actor_id`)
    REFERENCES `users`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE `TeamMember`
    ADD CONSTRAINT `TeamMember_teamId_fkey`
    FOREIGN KEY (`teamId`)
    REFERENCES `Team`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE `TeamMember`
    ADD CONSTRAINT `TeamMember_userId_fkey`
    FOREIGN KEY (`userId`)
    REFERENCES `users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE `_TagToUser` (
    `A` INTEGER NOT NULL,
    `B` VARCHAR(191) NOT NULL,

    UNIQUE INDEX `_TagToUser_AB_unique`(`A`, `B`),
    INDEX `_TagToUser_B_index`(`B`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
ALTER TABLE `_TagToUser`
    ADD CONSTRAINT `_TagToUser_A_fkey`
    FOREIGN KEY (`A`)
    REFERENCES `tags`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE `_TagToUser`
    ADD CONSTRAINT `_TagToUser_B_fkey`
    FOREIGN KEY (`B`)
    REFERENCES `users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE `_AssessmentToTag` (
    `A` INTEGER NOT NULL,
    `B` INTEGER NOT NULL,

    UNIQUE INDEX `_AssessmentToTag_AB_unique`(`A`, `B`),
    INDEX `_AssessmentToTag_B_index`(`B`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
ALTER TABLE `_AssessmentToTag`
    ADD CONSTRAINT `_AssessmentToTag_A_fkey`
    FOREIGN KEY (`A`)
    REFERENCES `assessments`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE `_AssessmentToTag`
    ADD CONSTRAINT `_AssessmentToTag_B_fkey`
    FOREIGN KEY (`B`)
    REFERENCES `tags`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE `_RelatedAssessments` (
    `A` INTEGER NOT NULL,
    `B` INTEGER NOT NULL,

    UNIQUE INDEX `_RelatedAssessments_AB_unique`(`A`, `B`),
    INDEX `_RelatedAssessments_B_index`(`B`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
ALTER TABLE `_RelatedAssessments`
    ADD CONSTRAINT `_RelatedAssessments_A_fkey`
    FOREIGN KEY (`A`)
    REFERENCES `assessments`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE `_RelatedAssessments`
    ADD CONSTRAINT `_RelatedAssessments_B_fkey`
    FOREIGN KEY (`B`)
    REFERENCES `assessments`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
